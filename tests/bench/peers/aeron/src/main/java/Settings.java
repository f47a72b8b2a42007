// SPDX-License-Identifier: Apache-2.0
// What is to be measured: the same arguments as main.c of the other peers, as far as this one can do it.

final class Settings {
    String work = "stream";
    String role = "start";
    String directory = "";
    int size = 64;
    double seconds = 0.3;
    double rate = 10000;
    boolean touched = true;
    boolean blocking;
    int senders = 1;
    int receivers = 1;
    int batch = 1;

    static Settings parse(String[] arguments) {
        Settings settings = new Settings();
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--untouched" -> settings.touched = false;
                case "--blocking" -> settings.blocking = true;
                default -> {
                    if (i + 1 == arguments.length) {
                        throw new IllegalArgumentException(arguments[i] + " is unknown, or wants a value");
                    }
                    settings.set(arguments[i], arguments[++i]);
                }
            }
        }
        return settings;
    }

    private void set(String name, String value) {
        switch (name) {
            case "--work" -> work = value;
            case "--role" -> role = value;
            case "--directory" -> directory = value;
            case "--size" -> size = Integer.parseInt(value);
            case "--seconds" -> seconds = Double.parseDouble(value);
            case "--rate" -> rate = Double.parseDouble(value);
            case "--senders" -> senders = Integer.parseInt(value);
            case "--receivers" -> receivers = Integer.parseInt(value);
            case "--batch" -> batch = Integer.parseInt(value);
            default -> throw new IllegalArgumentException("unknown argument " + name);
        }
    }

    /** Null, or why it is not measured. */
    String obstacle() {
        if (blocking) {
            return "it cannot sleep until a message comes";
        }
        if (senders > 1 || receivers > 1) {
            return "measured 1 to 1 only";
        }
        if (batch > 1) {
            return "no batches";
        }
        if (size > PeerAeron.TERM_LENGTH / 8) {
            return "too large a message for it: an eighth of the default term of 64 MiB is the most";
        }
        return null;
    }

    /** Twice what fits between the two, which is half a term: otherwise it would be the time to empty a full one. */
    int stretch() {
        return Math.max(1, PeerAeron.TERM_LENGTH / (size + 32));
    }
}
