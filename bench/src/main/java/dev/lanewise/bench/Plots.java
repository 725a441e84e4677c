package dev.lanewise.bench;

import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.imageio.ImageIO;

/** Draws measurements as PNG pictures. */
final class Plots {
    private static final Pattern SQUARE_PRODUCT = Pattern.compile("gemm/(\\d+)x\\1x\\1");

    /** More bars than this fit no screen. */
    private static final int MOST_BARS = 60;

    private static final String VECTOR = "vector";

    private Plots() {}

    /** Draws every picture that these measurements have data for; returns the files. */
    static List<Path> draw(Report report, String title, Path folder) throws IOException {
        Files.createDirectories(folder.toAbsolutePath());
        List<Path> files = new ArrayList<>();
        saveSpeedups(report, title, folder, files);
        save(roofline(report), folder.resolve(report.group() + "-roofline.png"), files);
        save(overSize(report), folder.resolve(report.group() + "-over-n.png"), files);
        return files;
    }

    private static void save(Optional<? extends Chart<?, ?>> chart, Path file, List<Path> files)
            throws IOException {
        if (chart.isPresent()) {
            ImageIO.write(BitmapEncoder.getBufferedImage(chart.get()), "png", file.toFile());
            files.add(file);
        }
    }

    /**
     * Bars of how many times faster than the scalar kernels the cases run: all in one picture or,
     * where they are too many for one, a picture of the families' geometric means and one of each
     * family.
     */
    private static void saveSpeedups(Report report, String title, Path folder, List<Path> files)
            throws IOException {
        Map<String, Double> speedups = speedups(report);
        Path file = folder.resolve(report.group() + "-speedup.png");
        if (speedups.size() <= MOST_BARS) {
            save(bars(speedups, title), file, files);
            return;
        }
        Map<String, Map<String, Double>> families = new LinkedHashMap<>();
        speedups.forEach(
                (name, speedup) ->
                        families.computeIfAbsent(family(name), f -> new LinkedHashMap<>())
                                .put(name, speedup));
        Map<String, Double> means = new LinkedHashMap<>();
        families.forEach((family, members) -> means.put(family, geometricMean(members.values())));
        save(bars(means, title + ", geometric means"), file, files);
        for (Map.Entry<String, Map<String, Double>> family : families.entrySet()) {
            save(
                    bars(family.getValue(), title + ", " + family.getKey()),
                    folder.resolve(report.group() + "-speedup-" + family.getKey() + ".png"),
                    files);
        }
    }

    /** What stands before the first dot or slash of a case's name. */
    private static String family(String name) {
        return name.split("[./]", 2)[0];
    }

    private static double geometricMean(Collection<Double> values) {
        return Math.exp(values.stream().mapToDouble(Math::log).average().orElseThrow());
    }

    /**
     * The speedups of the cases that have one; where a case has no {@code vector} but forms of it
     * by other names, a speedup of each of these.
     */
    static Map<String, Double> speedups(Report report) {
        Map<String, Double> speedups = new LinkedHashMap<>();
        report.byCase()
                .forEach(
                        (name, implementations) ->
                                implementations.forEach(
                                        (implementation, m) -> {
                                            double speedup = Report.speedup(implementations, m);
                                            Optional<String> bar =
                                                    barName(name, implementation, implementations);
                                            if (bar.isPresent() && !Double.isNaN(speedup)) {
                                                speedups.put(bar.get(), speedup);
                                            }
                                        }));
        return speedups;
    }

    private static Optional<String> barName(
            String name, String implementation, Map<String, Measurement> implementations) {
        if (implementation.equals(VECTOR)) {
            return Optional.of(name);
        }
        boolean isForm = implementation.startsWith(VECTOR + "-");
        return isForm && !implementations.containsKey(VECTOR)
                ? Optional.of(name + " " + implementation.substring(VECTOR.length() + 1))
                : Optional.empty();
    }

    /** A bar for each entry, on a logarithmic axis, and a line at 1. */
    static Optional<CategoryChart> bars(Map<String, Double> speedups, String title) {
        if (speedups.isEmpty()) {
            return Optional.empty();
        }
        List<String> names = List.copyOf(speedups.keySet());
        CategoryChart chart =
                new CategoryChartBuilder()
                        .width(Math.max(800, 120 + 26 * names.size()))
                        .height(640)
                        .title(title)
                        .yAxisTitle("times the speed of the scalar kernel")
                        .build();
        chart.getStyler().setLegendVisible(false);
        chart.getStyler().setXAxisLabelRotation(90);
        chart.getStyler().setXAxisMaxLabelCount(Math.max(2, names.size()));
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setOverlapped(true); // the line takes no room beside the bars
        double least = Collections.min(speedups.values());
        chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(Math.log10(Math.min(least, 0.5)))));
        chart.addSeries("speedup", names, List.copyOf(speedups.values()));
        chart.addSeries("scalar", names, Collections.nCopies(names.size(), 1.0))
                .setChartCategorySeriesRenderStyle(CategorySeriesRenderStyle.Line)
                .setMarker(SeriesMarkers.NONE);
        return Optional.of(chart);
    }

    /** GFLOP/s over arithmetic intensity, below what the machine allows. */
    private static Optional<XYChart> roofline(Report report) {
        XYChart chart =
                new XYChartBuilder()
                        .width(1000)
                        .height(640)
                        .title("Roofline of one core: " + report.group())
                        .xAxisTitle("floating-point operations per byte of data")
                        .yAxisTitle("GFLOP/s")
                        .build();
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(LegendPosition.InsideSE);
        Map<String, List<Measurement>> byImplementation = new LinkedHashMap<>();
        for (Map<String, Measurement> implementations : report.byCase().values()) {
            implementations.values().stream()
                    .filter(m -> m.flops() > 0 && m.footprint() > 0)
                    .forEach(
                            m ->
                                    byImplementation
                                            .computeIfAbsent(
                                                    m.implementation(), name -> new ArrayList<>())
                                            .add(m));
        }
        byImplementation.forEach(
                (name, points) ->
                        chart.addSeries(
                                        name,
                                        points.stream()
                                                .mapToDouble(m -> m.flops() / m.footprint())
                                                .toArray(),
                                        points.stream()
                                                .mapToDouble(Measurement::gigaflops)
                                                .toArray())
                                .setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter));
        for (MachineLimits.Level level : report.limits().levels()) {
            addRoof(chart, report.limits().gigaflops(), level);
        }
        return byImplementation.isEmpty() ? Optional.empty() : Optional.of(chart);
    }

    private static void addRoof(XYChart chart, double peak, MachineLimits.Level level) {
        double ridge = peak / level.gigabytesPerSecond();
        double left = 1.0 / 16;
        double[] intensities = {left, Math.max(left, ridge), 512};
        double[] gigaflops = {Math.min(peak, left * level.gigabytesPerSecond()), peak, peak};
        chart.addSeries(
                        "%s, %.0f GB/s".formatted(level.name(), level.gigabytesPerSecond()),
                        intensities,
                        gigaflops)
                .setMarker(SeriesMarkers.NONE);
    }

    /** GFLOP/s of square matrix products over their size, a line for each implementation. */
    private static Optional<XYChart> overSize(Report report) {
        XYChart chart =
                new XYChartBuilder()
                        .width(1000)
                        .height(640)
                        .title("Matrix product n x n x n, one core")
                        .xAxisTitle("n")
                        .yAxisTitle("GFLOP/s")
                        .build();
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
        Map<String, TreeMap<Double, Double>> lines = new LinkedHashMap<>();
        for (Map<String, Measurement> implementations : report.byCase().values()) {
            for (Measurement m : implementations.values()) {
                Matcher square = SQUARE_PRODUCT.matcher(m.name());
                if (square.matches()) {
                    lines.computeIfAbsent(m.implementation(), name -> new TreeMap<>())
                            .put(Double.valueOf(square.group(1)), m.gigaflops());
                }
            }
        }
        lines.forEach(
                (name, line) ->
                        chart.addSeries(
                                name, List.copyOf(line.keySet()), List.copyOf(line.values())));
        return lines.isEmpty() ? Optional.empty() : Optional.of(chart);
    }
}
