package dev.lanewise.samples.data;

import java.util.List;
import java.util.stream.Stream;

/** The Carnegie Mellon Pronouncing Dictionary: how English words are spoken. */
public final class CmuDict {
    /**
     * One pronunciation.
     *
     * @param word in capitals
     * @param phonemes of the ARPAbet; vowels end in their stress, 0 to 2
     */
    public record Entry(String word, List<String> phonemes) {}

    private CmuDict() {}

    /** All entries, in alphabetical order. Further pronunciations of a word are left out. */
    public static List<Entry> load(DataSource source) {
        return source.readText("cmudict", "cmudict.txt")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith(";;;"))
                .map(line -> line.split(" {2}", 2))
                .filter(parts -> !parts[0].endsWith(")"))
                .map(parts -> new Entry(parts[0], Stream.of(parts[1].split(" ")).toList()))
                .toList();
    }
}
