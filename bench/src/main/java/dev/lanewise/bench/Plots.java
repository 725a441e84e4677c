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

    private Plots() {}

    /** Draws every picture that these measurements have data for; returns the files. */
    static List<Path> draw(Report report, String title, Path folder) throws IOException {
        Files.createDirectories(folder.toAbsolutePath());
        List<Path> files = new ArrayList<>();
        save(speedups(report, title), folder.resolve(report.group() + "-speedup.png"), files);
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

    /** Bars of how many times faster than the scalar kernels each case runs. */
    static Optional<CategoryChart> speedups(Report report, String title) {
        List<String> names = new ArrayList<>();
        List<Double> speedups = new ArrayList<>();
        for (Map.Entry<String, Map<String, Measurement>> entry : report.byCase().entrySet()) {
            Measurement vector = entry.getValue().get("vector");
            double speedup = vector == null ? Double.NaN : Report.speedup(entry.getValue(), vector);
            if (!Double.isNaN(speedup)) {
                names.add(entry.getKey());
                speedups.add(speedup);
            }
        }
        if (names.isEmpty()) {
            return Optional.empty();
        }
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
        double least = speedups.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(Math.log10(Math.min(least, 0.5)))));
        chart.addSeries("speedup", names, speedups);
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
                        .xAxisTitle("floating-point operations per byte")
                        .yAxisTitle("GFLOP/s")
                        .build();
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(LegendPosition.InsideSE);
        Map<String, List<Measurement>> byImplementation = new LinkedHashMap<>();
        for (Map<String, Measurement> implementations : report.byCase().values()) {
            implementations.values().stream()
                    .filter(m -> m.flops() > 0 && m.bytes() > 0)
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
                                                .mapToDouble(m -> m.flops() / m.bytes())
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
