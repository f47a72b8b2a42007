/* SPDX-License-Identifier: Apache-2.0 */
/* The labels of all steps. check_labels.sh compares them with the comments of src/. */
"abort.free", "acquire.back", "acquire.listed", "acquire.look", "claim.hint", "claim.start", "close.look",
    "copy.again", "copy.listed", "copy.look", "copy.payload", "free.back", "free.mark", "gate.end",
    "gate.rows", "gates.clear", "gates.set", "hint.clear", "hint.find", "hint.set", "hold.clear",
    "hold.count", "hold.drop", "hold.look", "hold.set", "next.done", "next.give", "next.jump", "pin.clear",
    "pin.count", "pin.look", "pin.set", "publish.commit", "publish.fields", "publish.list", "publish.note",
    "publish.number", "publish.park", "publish.place", "reader.end", "remove.flag", "remove.lock",
    "remove.look", "remove.names", "repair.commit", "repair.done", "repair.hints", "repair.hold",
    "repair.parked", "repair.pin", "repair.reclaim", "repair.rows", "repair.slot", "settle.back",
    "settle.free", "settle.hold", "settle.take", "stream.change", "stream.close", "stream.last",
    "stream.look", "stream.open", "subscribe.activate", "subscribe.history", "subscribe.join", "sweep.hints",
    "ticket.take", "wait.clear", "wait.come", "wait.go", "wait.set", "wait.sleep", "wait.stay", "wake.all",
    "wake.look", "walk.frontier", "walk.order", "walk.reclaim", "walk.slot",
