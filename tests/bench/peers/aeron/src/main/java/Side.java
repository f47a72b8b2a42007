// SPDX-License-Identifier: Apache-2.0
// The two sides of each work: what stream.c and latency.c do for the other peers. The first side sends; the second
// one receives, or answers. A JVM has to compile what it runs, and gets 1.5 s to warm up.

import java.util.Arrays;
import java.util.Locale;
import org.HdrHistogram.Histogram;

final class Side {
    private static final double WARM_UP_SECONDS = 1.5;
    private static final double[] PERCENTILES = {50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100};
    private static final int STRETCHES_MAX = 65536;
    private static final int STRETCHES_MIN = 4;

    private final Settings settings;
    private final Histogram histogram = new Histogram(10_000_000_000L, 3);
    private Link link;
    private long received;

    private Side(Settings settings) {
        this.settings = settings;
    }

    static void run(Settings settings, boolean first) throws Exception {
        Side side = new Side(settings);
        switch (settings.work) {
            case "pingpong" -> {
                if (first) {
                    side.ping();
                } else {
                    side.pong();
                }
            }
            case "stream", "paced" -> {
                if (!first) {
                    side.receive(settings.work.equals("paced"));
                } else if (settings.work.equals("paced")) {
                    side.sendPaced();
                } else {
                    side.sendAll();
                }
            }
            default -> throw new IllegalArgumentException("unknown work " + settings.work);
        }
    }

    private void open(int out, int in, Runnable receiver) {
        link = new Link(settings, out, in, receiver);
        System.out.println("ready");
        link.awaitOthers();
    }

    /** Empty, or the line that the first process prints on behalf of this one. */
    private void finish(String result) {
        System.out.println(result);
        link.close();
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }

    private void sendAll() throws Exception {
        open(Link.THERE, 0, null);
        long warm = System.nanoTime() + nanos(WARM_UP_SECONDS);
        long end = warm + nanos(settings.seconds);
        long least = Long.MAX_VALUE; // known once it is warm
        int mask = settings.size <= 512 ? 63 : 0;
        boolean last = false;
        for (long i = 0; !last; i++) {
            if ((i & mask) == mask) {
                long now = System.nanoTime();
                if (least == Long.MAX_VALUE && now >= warm) {
                    least = i + (long) STRETCHES_MIN * settings.stretch();
                }
                last = i >= least && now >= end;
            }
            link.send(i, last, 0);
        }
        Thread.sleep(200); // the receiver drains what is there; the driver keeps it for longer than that
        finish("");
    }

    private void sendPaced() throws Exception {
        open(Link.THERE, 0, null);
        long messages = (long) ((settings.seconds + WARM_UP_SECONDS) * settings.rate) + 1;
        double interval = 1e9 / settings.rate;
        long start = System.nanoTime();
        for (long i = 0; i < messages; i++) {
            long due = start + (long) (i * interval);
            while (System.nanoTime() < due) {
                Thread.onSpinWait();
            }
            link.send(i, i + 1 == messages, due);
        }
        Thread.sleep(200);
        finish("");
    }

    private void receive(boolean paced) {
        double[] rates = new double[STRETCHES_MAX];
        int[] count = {0};
        long[] times = {0, 0, 0}; // end of the warm-up, first and latest look after it
        int stretch = settings.stretch();
        open(0, Link.THERE, () -> {
            received++;
            if (paced) {
                long now = System.nanoTime();
                if (now >= times[0]) {
                    histogram.recordValue(Math.max(1, now - link.stamp));
                }
            } else if (received % stretch == 0) {
                long now = System.nanoTime();
                if (times[1] != 0 && count[0] < STRETCHES_MAX) {
                    rates[count[0]++] = stretch * 1e9 / (now - times[2]);
                    times[2] = now;
                } else if (now >= times[0]) {
                    times[1] = now;
                    times[2] = now;
                }
            }
        });
        times[0] = System.nanoTime() + nanos(WARM_UP_SECONDS);
        while (!link.ended) {
            link.poll();
        }
        if (paced) {
            finish(latencies() + String.format(Locale.ROOT, ",\"mean_rate\":%f",
                histogram.getTotalCount() * 1e9 / (System.nanoTime() - times[0])));
            return;
        }
        if (count[0] == 0) {
            throw new IllegalStateException("no stretch was completed; measure for longer");
        }
        Arrays.sort(rates, 0, count[0]);
        finish(String.format(Locale.ROOT, "\"rate\":%f,\"mean_rate\":%f,\"messages\":%d", rates[count[0] / 2],
            (double) count[0] * stretch * 1e9 / (times[2] - times[1]), (long) count[0] * stretch));
    }

    private void ping() throws Exception {
        open(Link.THERE, Link.BACK, () -> received++);
        long start = System.nanoTime();
        long warm = start + nanos(WARM_UP_SECONDS);
        long end = warm + nanos(settings.seconds);
        long before = start;
        boolean last = false;
        for (long i = 0; !last; i++) {
            last = before >= end;
            link.send(i, last, 0);
            while (received <= i) {
                link.poll();
            }
            long now = System.nanoTime();
            if (now >= warm) {
                histogram.recordValue((now - before) / 2);
            }
            before = now;
        }
        finish(latencies());
    }

    private void pong() throws Exception {
        open(Link.BACK, Link.THERE, () -> received++);
        for (long i = 0; !link.ended; i++) {
            while (received <= i) {
                link.poll();
            }
            link.send(i, link.ended, 0);
        }
        Thread.sleep(200);
        finish("");
    }

    private String latencies() {
        StringBuilder text = new StringBuilder("\"latency_ns\":{");
        for (int i = 0; i < PERCENTILES.length; i++) {
            String key = PERCENTILES[i] == Math.rint(PERCENTILES[i])
                ? String.valueOf((long) PERCENTILES[i]) : String.valueOf(PERCENTILES[i]);
            text.append(i > 0 ? "," : "").append('"').append(key).append("\":")
                .append(histogram.getValueAtPercentile(PERCENTILES[i])).append(".0");
        }
        return text.append("},\"messages\":").append(histogram.getTotalCount()).toString();
    }
}
