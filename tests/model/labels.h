/* SPDX-License-Identifier: Apache-2.0 */
/* The labels of all steps. check_labels.sh compares them with the comments of src/. */
"abort.free", "acquire.back", "acquire.listed", "acquire.look", "claim.hint", "claim.start", "free.back",
    "free.mark", "gate.end", "gate.rows", "hint.clear", "hint.find", "hint.set", "hold.clear", "hold.drop",
    "hold.lock", "hold.look", "hold.set", "next.done", "next.give", "next.jump", "publish.commit",
    "publish.fields", "publish.list", "publish.number", "publish.park", "publish.place", "reader.end",
    "repair.commit", "repair.done", "repair.hints", "repair.hold", "repair.parked", "repair.reclaim",
    "repair.rows", "repair.slot", "settle.back", "settle.free", "settle.hold", "settle.take",
    "subscribe.activate", "subscribe.history", "subscribe.join", "ticket.take", "wait.clear", "wait.lock",
    "wait.set", "wait.sleep", "wake.all", "wake.look", "walk.frontier", "walk.order", "walk.reclaim",
    "walk.slot",
