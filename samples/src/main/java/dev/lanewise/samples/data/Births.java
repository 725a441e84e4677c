package dev.lanewise.samples.data;

import java.time.LocalDate;
import java.util.List;

/** Births in the USA on each day of 1969 to 1988: a series with a weekly and a yearly rhythm. */
public final class Births {
    /**
     * One day.
     *
     * @param date the day
     * @param births how many on that day
     */
    public record Day(LocalDate date, int births) {}

    private Births() {}

    /** All days in order. */
    public static List<Day> load(DataSource source) {
        return Csv.withHeader(source.readText("births", "us-births-1969-1988.csv")).stream()
                .map(
                        row ->
                                new Day(
                                        LocalDate.of(
                                                Integer.parseInt(row.get("year")),
                                                Integer.parseInt(row.get("month")),
                                                Integer.parseInt(row.get("date_of_month"))),
                                        Integer.parseInt(row.get("births"))))
                .toList();
    }
}
