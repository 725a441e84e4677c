package dev.lanewise.bench;

import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import javax.imageio.ImageIO;

/** Draws measurements as PNG pictures. */
final class Plots {
    private Plots() {}

    /** Bars of how many times faster than the scalar kernels each case runs. */
    static void speedups(Report report, String title, Path file) throws IOException {
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
            return;
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
        chart.addSeries("speedup", names, speedups);
        Files.createDirectories(file.toAbsolutePath().getParent());
        ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", file.toFile());
    }
}
