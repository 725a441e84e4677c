package dev.lanewise.samples.data;

import java.time.LocalDate;
import java.util.List;

/** The weather in Seattle on each day of 2012 to 2015. */
public final class SeattleWeather {
    /**
     * One day.
     *
     * @param date the day
     * @param precipitation rain and snow in millimetres
     * @param maximum highest temperature in degrees Celsius
     * @param minimum lowest temperature in degrees Celsius
     * @param wind average speed in metres per second
     * @param weather drizzle, rain, snow, sun or fog
     */
    public record Day(
            LocalDate date,
            float precipitation,
            float maximum,
            float minimum,
            float wind,
            String weather) {}

    private SeattleWeather() {}

    /** All days in order. */
    public static List<Day> load(DataSource source) {
        return Csv.withHeader(source.readText("seattle-weather", "seattle-weather.csv")).stream()
                .map(
                        row ->
                                new Day(
                                        LocalDate.parse(row.get("date")),
                                        Float.parseFloat(row.get("precipitation")),
                                        Float.parseFloat(row.get("temp_max")),
                                        Float.parseFloat(row.get("temp_min")),
                                        Float.parseFloat(row.get("wind")),
                                        row.get("weather")))
                .toList();
    }
}
