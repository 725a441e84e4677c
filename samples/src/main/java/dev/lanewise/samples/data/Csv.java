package dev.lanewise.samples.data;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Comma-separated text. */
final class Csv {
    private Csv() {}

    /** Records below a line of column names. */
    static List<CSVRecord> withHeader(String text) {
        return parse(text, CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get());
    }

    /** All records; columns have numbers only. */
    static List<CSVRecord> plain(String text) {
        return parse(text, CSVFormat.DEFAULT);
    }

    private static List<CSVRecord> parse(String text, CSVFormat format) {
        try (CSVParser parser = CSVParser.parse(text, format)) {
            return parser.getRecords();
        } catch (IOException e) {
            throw new UncheckedIOException("not comma-separated text", e);
        }
    }
}
