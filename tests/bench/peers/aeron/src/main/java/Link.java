// SPDX-License-Identifier: Apache-2.0
// One side's publication and subscription, and messages like those of payload.h.

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.FragmentAssembler;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

final class Link implements AutoCloseable {
    static final int THERE = 1001;
    static final int BACK = 1002;
    private static final long LAST = 1L << 63;
    private static final long FACTOR = 0x9e3779b97f4a7c15L;
    private static final int POLLED = 64;

    private final Aeron aeron;
    private final Settings settings;
    private final ExclusivePublication publication;
    private final Subscription subscription;
    private final BufferClaim claim = new BufferClaim();
    private final UnsafeBuffer own;
    private final FragmentHandler handler;
    private long next;
    long stamp;
    boolean ended;

    /** What is to be done with each message. */
    private final Runnable receiver;

    Link(Settings settings, int out, int in, Runnable receiver) {
        this.settings = settings;
        this.receiver = receiver;
        aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(settings.directory)
            .idleStrategy(new BusySpinIdleStrategy()).useConductorAgentInvoker(true));
        subscription = in == 0 ? null : aeron.addSubscription("aeron:ipc", in);
        publication = out == 0 ? null : aeron.addExclusivePublication("aeron:ipc", out);
        own = new UnsafeBuffer(new byte[settings.size]);
        handler = settings.size <= PeerAeron.LARGEST_FRAGMENT - 32 ? this::take : new FragmentAssembler(this::take);
    }

    void awaitOthers() {
        while ((publication != null && !publication.isConnected())
            || (subscription != null && subscription.imageCount() == 0)) {
            aeron.conductorAgentInvoker().invoke();
            Thread.onSpinWait();
        }
    }

    void invoke() {
        aeron.conductorAgentInvoker().invoke();
    }

    void send(long number, boolean last, long stamp) {
        long header = number | (last ? LAST : 0);
        int size = settings.size;
        if (size > publication.maxPayloadLength()) {
            write(own, 0, header, stamp);
            long offered;
            while ((offered = publication.offer(own, 0, size)) < 0) {
                mustBeTemporary(offered);
            }
            return;
        }
        long result;
        while ((result = publication.tryClaim(size, claim)) < 0) {
            mustBeTemporary(result);
        }
        write(claim.buffer(), claim.offset(), header, stamp);
        claim.commit();
    }

    private static void mustBeTemporary(long result) {
        if (result == Publication.CLOSED || result == Publication.MAX_POSITION_EXCEEDED
            || result == Publication.NOT_CONNECTED) {
            throw new IllegalStateException("publication: " + Publication.errorString(result));
        }
        Thread.onSpinWait();
    }

    private void write(MutableDirectBuffer buffer, int at, long header, long stamp) {
        buffer.putLong(at, header);
        buffer.putLong(at + 8, stamp);
        if (settings.touched) {
            long start = header * FACTOR;
            for (int i = 2; i < settings.size / 8; i++) {
                buffer.putLong(at + 8 * i, start + i);
            }
        }
    }

    private void take(DirectBuffer buffer, int at, int length, Object ignored) {
        long header = buffer.getLong(at);
        long wrong = (header & ~LAST) ^ next++ | length ^ settings.size;
        if (settings.touched) {
            long start = header * FACTOR;
            for (int i = 2; i < settings.size / 8; i++) {
                wrong |= buffer.getLong(at + 8 * i) ^ (start + i);
            }
        }
        if (wrong != 0) {
            throw new IllegalStateException("message " + (next - 1) + " was lost or damaged");
        }
        stamp = buffer.getLong(at + 8);
        ended = header < 0;
        receiver.run();
    }

    void poll() {
        if (subscription.poll(handler, POLLED) == 0) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        aeron.close();
    }
}
