package dev.lanewise.samples.data;

import org.apache.commons.csv.CSVRecord;

import java.util.List;

/** Fisher's iris flowers: four lengths, three species, 50 flowers of each. */
public final class Iris {
    /** The species, in the order of their labels. */
    public static final List<String> SPECIES = List.of("setosa", "versicolor", "virginica");

    /**
     * One flower; lengths and widths in centimetres.
     *
     * @param sepalLength of the outer leaf
     * @param sepalWidth of the outer leaf
     * @param petalLength of the inner leaf
     * @param petalWidth of the inner leaf
     * @param species index into {@link #SPECIES}
     */
    public record Flower(
            float sepalLength,
            float sepalWidth,
            float petalLength,
            float petalWidth,
            int species) {}

    private Iris() {}

    /** All flowers, sorted by species. */
    public static List<Flower> load(DataSource source) {
        List<CSVRecord> rows = Csv.plain(source.readText("iris", "iris.csv"));
        return rows.stream()
                .skip(1) // counts and class names
                .map(
                        row ->
                                new Flower(
                                        Float.parseFloat(row.get(0)),
                                        Float.parseFloat(row.get(1)),
                                        Float.parseFloat(row.get(2)),
                                        Float.parseFloat(row.get(3)),
                                        Integer.parseInt(row.get(4))))
                .toList();
    }
}
