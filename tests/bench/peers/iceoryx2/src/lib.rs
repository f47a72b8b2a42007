// SPDX-License-Identifier: Apache-2.0
//! iceoryx2, publish and subscribe: samples are loaned and read in place, nothing is dropped. A receiver that is to
//! sleep has an event next to the data, as its documentation says; there is no other way to sleep.

use core::ffi::{c_char, c_uint, c_void, CStr};
use core::mem::MaybeUninit;
use iceoryx2::port::{
    listener::Listener, notifier::Notifier, publisher::Publisher, subscriber::Subscriber,
};
use iceoryx2::prelude::*;
use iceoryx2::sample::Sample;
use iceoryx2::sample_mut_uninit::SampleMutUninit;
use iceoryx2::service::port_factory::{event, publish_subscribe};

type Data = [u64];

/// shape_t of peer.h
#[repr(C)]
pub struct Shape {
    name: [c_char; 64],
    size: usize,
    buffers: u32,
    senders: u32,
    receivers: u32,
    batch: u32,
    blocking: bool,
    made: *mut c_void,
}

/// peer_facts_t of peer.h
#[repr(C)]
pub struct Facts {
    name: *const c_char,
    setting: *const c_char,
    spins: bool,
    blocks: bool,
    many_senders: bool,
    many_receivers: bool,
    batches: bool,
    in_place: bool,
    largest: usize,
    settle: Option<extern "C" fn(&mut Receiver)>,
}

unsafe impl Sync for Facts {}

static FACTS: Facts = Facts {
    name: c"iceoryx2".as_ptr(),
    setting: c"ipc::Service; no overflow, retry until delivered; an event next to the data when blocking"
        .as_ptr(),
    spins: true,
    blocks: true,
    many_senders: true,
    many_receivers: true,
    batches: false,
    in_place: true,
    largest: 0,
    settle: Some(settle),
};

/// A subscriber only connects to a publisher that came later when it is asked for something, and until then what
/// does not fit into its buffer is dropped in spite of the strategy.
extern "C" fn settle(receiver: &mut Receiver) {
    ok(receiver.subscriber.has_samples(), "has_samples");
}

pub struct Sender {
    // Declared in the order in which they are to be dropped.
    reserved: Option<SampleMutUninit<ipc::Service, [MaybeUninit<u64>], ()>>,
    notifier: Option<Notifier<ipc::Service>>,
    publisher: Publisher<ipc::Service, Data, ()>,
    words: usize,
    _node: Node<ipc::Service>,
}

pub struct Receiver {
    current: Option<Sample<ipc::Service, Data, ()>>,
    listener: Option<Listener<ipc::Service>>,
    subscriber: Subscriber<ipc::Service, Data, ()>,
    _node: Node<ipc::Service>,
}

extern "C" {
    fn fail(format: *const c_char, ...) -> !;
}

fn ok<T, E: core::fmt::Debug>(result: Result<T, E>, what: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => {
            let text = format!("iceoryx2: {what}: {error:?}\0");
            unsafe { fail(c"%s".as_ptr(), text.as_ptr()) }
        }
    }
}

fn node() -> Node<ipc::Service> {
    set_log_level(LogLevel::Error);
    let builder = NodeBuilder::new().signal_handling_mode(SignalHandlingMode::Disabled);
    ok(builder.create::<ipc::Service>(), "node")
}

fn service_name(shape: &Shape) -> ServiceName {
    let name = ok(unsafe { CStr::from_ptr(shape.name.as_ptr()) }.to_str(), "name");
    ok(name.try_into(), "service name")
}

fn data_service(
    node: &Node<ipc::Service>,
    shape: &Shape,
) -> publish_subscribe::PortFactory<ipc::Service, Data, ()> {
    let builder = node
        .service_builder(&service_name(shape))
        .publish_subscribe::<Data>()
        .max_publishers(shape.senders as usize)
        .max_subscribers(shape.receivers as usize)
        .max_nodes((shape.senders + shape.receivers) as usize)
        .subscriber_max_buffer_size(shape.buffers as usize)
        .subscriber_max_borrowed_samples(2)
        .history_size(0)
        .enable_safe_overflow(false);
    ok(builder.open_or_create(), "publish and subscribe")
}

fn event_service(node: &Node<ipc::Service>, shape: &Shape) -> event::PortFactory<ipc::Service> {
    let builder = node
        .service_builder(&service_name(shape))
        .event()
        .max_nodes((shape.senders + shape.receivers) as usize)
        .max_notifiers(shape.senders as usize)
        .max_listeners(shape.receivers as usize);
    ok(builder.open_or_create(), "event")
}

#[no_mangle]
pub extern "C" fn peer_facts() -> *const Facts {
    &FACTS
}

/// The version that was really built, from Cargo.lock by build.rs.
#[no_mangle]
pub extern "C" fn peer_version() -> *const c_char {
    concat!(env!("ICEORYX2_VERSION"), "\0").as_ptr().cast()
}

#[no_mangle]
pub extern "C" fn peer_create(_shape: &mut Shape) -> *const c_char {
    core::ptr::null()
}

#[no_mangle]
pub extern "C" fn peer_destroy(_shape: &mut Shape) {}

#[no_mangle]
pub extern "C" fn peer_open_receiver(shape: &Shape, _number: c_uint) -> *mut c_void {
    let node = node();
    let listener = shape
        .blocking
        .then(|| ok(event_service(&node, shape).listener_builder().create(), "listener"));
    let builder = data_service(&node, shape);
    let subscriber = ok(
        builder.subscriber_builder().buffer_size(shape.buffers as usize).create(),
        "subscriber",
    );
    let receiver = Receiver { current: None, listener, subscriber, _node: node };
    Box::into_raw(Box::new(receiver)).cast()
}

#[no_mangle]
pub extern "C" fn peer_open_sender(shape: &Shape, _number: c_uint) -> *mut c_void {
    let node = node();
    let notifier = shape
        .blocking
        .then(|| ok(event_service(&node, shape).notifier_builder().create(), "notifier"));
    let words = shape.size / 8;
    let builder = data_service(&node, shape);
    let publisher = ok(
        builder
            .publisher_builder()
            .initial_max_slice_len(words)
            .max_loaned_samples(1)
            .backpressure_strategy(BackpressureStrategy::RetryUntilDelivered)
            .create(),
        "publisher",
    );
    let sender = Sender { reserved: None, notifier, publisher, words, _node: node };
    Box::into_raw(Box::new(sender)).cast()
}

/// # Safety
/// `receiver` is from peer_open_receiver and is not used again.
#[no_mangle]
pub unsafe extern "C" fn peer_close_receiver(receiver: *mut Receiver) {
    drop(Box::from_raw(receiver));
}

/// # Safety
/// `sender` is from peer_open_sender and is not used again.
#[no_mangle]
pub unsafe extern "C" fn peer_close_sender(sender: *mut Sender) {
    drop(Box::from_raw(sender));
}

#[no_mangle]
pub extern "C" fn peer_reserve(sender: &mut Sender) -> *mut c_void {
    let mut sample = ok(sender.publisher.loan_slice_uninit(sender.words), "loan");
    let data = sample.payload_mut().as_mut_ptr();
    sender.reserved = Some(sample);
    data.cast()
}

#[no_mangle]
pub extern "C" fn peer_publish(sender: &mut Sender) {
    if let Some(sample) = sender.reserved.take() {
        // The harness has written what it reads back.
        ok(unsafe { sample.assume_init() }.send(), "send");
    }
    if let Some(notifier) = &sender.notifier {
        ok(notifier.notify(), "notify");
    }
}

#[no_mangle]
pub extern "C" fn peer_flush(_sender: &mut Sender) {}

#[no_mangle]
pub extern "C" fn peer_receive(receiver: &mut Receiver) -> *const c_void {
    loop {
        if let Some(sample) = ok(receiver.subscriber.receive(), "receive") {
            let data = sample.payload().as_ptr();
            receiver.current = Some(sample);
            return data.cast();
        }
        match &receiver.listener {
            Some(listener) => {
                ok(listener.blocking_wait(|_| {}), "wait");
            }
            None => core::hint::spin_loop(),
        }
    }
}

#[no_mangle]
pub extern "C" fn peer_release(receiver: &mut Receiver) {
    receiver.current = None;
}
