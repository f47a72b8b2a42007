// SPDX-License-Identifier: Apache-2.0
//! Tells the peer which iceoryx2 it was built with.

fn main() {
    println!("cargo:rerun-if-changed=Cargo.lock");
    let lock = std::fs::read_to_string("Cargo.lock").expect("Cargo.lock");
    let version = lock
        .split("[[package]]")
        .find(|entry| entry.contains("\nname = \"iceoryx2\"\n"))
        .and_then(|entry| entry.split("version = \"").nth(1))
        .and_then(|rest| rest.split('"').next())
        .expect("iceoryx2 in Cargo.lock");
    println!("cargo:rustc-env=ICEORYX2_VERSION={version}");
}
