package dev.lanewise.samples.data;

/** The novel as plain text: food for language models. */
public final class MobyDick {
    private MobyDick() {}

    /** The text: its first 300 KB where the full one was not fetched. */
    public static String load(DataSource source) {
        return source.readText("moby-dick", "moby-dick.txt");
    }
}
