// SPDX-License-Identifier: Apache-2.0
// Aeron over IPC: exclusive publication, messages claimed and read in place up to the largest fragment, busy
// spinning on both sides. The first process runs the media driver, which does not take part in moving messages, and
// starts one JVM for each side, pinned. Prints one JSON object as main.c of the other peers does.

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

public final class PeerAeron {
    static final int TERM_LENGTH = 64 << 20;
    static final int LARGEST_FRAGMENT = 65504 / 32 * 32; // MTU: the most that the driver accepts

    private PeerAeron() {
    }

    public static void main(String[] arguments) throws Exception {
        Settings settings = Settings.parse(arguments);
        switch (settings.role) {
            case "start" -> start(settings, arguments);
            case "first" -> Side.run(settings, true);
            case "second" -> Side.run(settings, false);
            default -> throw new IllegalArgumentException("unknown role " + settings.role);
        }
    }

    private static String described(String more) {
        return "{\"peer\":\"Aeron IPC\",\"version\":\"" + Aeron.class.getPackage().getImplementationVersion()
            + "\",\"setting\":\"Java; exclusive publication; claimed in place to 64 KiB; busy spin; 1.5 s of warm-up\","
            + "\"in_place\":true," + more + "}";
    }

    private static void start(Settings settings, String[] arguments) throws Exception {
        String obstacle = settings.obstacle();
        if (obstacle != null) {
            System.out.println(described("\"skipped\":\"" + obstacle + "\""));
            return;
        }
        String directory = "/dev/shm/slotring-peer-" + ProcessHandle.current().pid() + "-aeron";
        MediaDriver.Context context = new MediaDriver.Context()
            .aeronDirectoryName(directory)
            .dirDeleteOnStart(true)
            .dirDeleteOnShutdown(true)
            .threadingMode(ThreadingMode.SHARED)
            .ipcTermBufferLength(TERM_LENGTH)
            .ipcMtuLength(LARGEST_FRAGMENT)
            .termBufferSparseFile(false);
        try (MediaDriver driver = MediaDriver.launch(context)) {
            System.out.println(described(measure(arguments, directory)));
        }
    }

    /** The second side first, so that it is there when the first one begins. */
    private static String measure(String[] arguments, String directory) throws Exception {
        Process second = startSide("second", 1, arguments, directory);
        Process first = null;
        try {
            BufferedReader fromSecond = output(second);
            expectReady(fromSecond, second);
            first = startSide("first", 0, arguments, directory);
            BufferedReader fromFirst = output(first);
            expectReady(fromFirst, first);
            String result = fromFirst.readLine() + fromSecond.readLine();
            if (first.waitFor() != 0 || second.waitFor() != 0) {
                throw new IllegalStateException("one of the two sides failed");
            }
            return result;
        } finally {
            second.destroyForcibly();
            if (first != null) {
                first.destroyForcibly();
            }
        }
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream()));
    }

    private static void expectReady(BufferedReader from, Process process) throws IOException {
        if (!"ready".equals(from.readLine())) {
            process.destroyForcibly();
            throw new IllegalStateException("a side did not start");
        }
    }

    private static Process startSide(String role, int number, String[] arguments, String directory)
        throws IOException {
        List<String> command = new ArrayList<>(List.of("taskset", "-c", cpus().get(number),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "-XX:+UseSerialGC", "-Xms256m", "-Dagrona.disable.bounds.checks=true",
            "-cp", System.getProperty("java.class.path"), "PeerAeron"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--role", role, "--directory", directory));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** The first two processors of this process. */
    private static List<String> cpus() throws IOException {
        String allowed = java.nio.file.Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("Cpus_allowed_list:")).findFirst().orElseThrow().split("\\s+")[1];
        List<String> found = new ArrayList<>();
        for (String range : allowed.split(",")) {
            String[] ends = range.split("-");
            for (int cpu = Integer.parseInt(ends[0]); cpu <= Integer.parseInt(ends[ends.length - 1]); cpu++) {
                found.add(String.valueOf(cpu));
            }
        }
        if (found.size() < 2) {
            throw new IllegalStateException("spinning needs two processors");
        }
        return found;
    }
}
