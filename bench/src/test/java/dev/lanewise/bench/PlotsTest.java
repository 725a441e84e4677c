package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.CategoryChart;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import javax.imageio.ImageIO;

class PlotsTest {
    @TempDir private Path folder;

    private static Report report(int cases) {
        List<Measurement> measurements = new ArrayList<>();
        for (int i = 0; i < cases; i++) {
            double vectorNanos = i == 3 ? 250_000 : 1000.0 / (1 + i);
            for (String implementation : List.of("scalar", "vector")) {
                double nanos = implementation.equals("scalar") ? 1000 : vectorNanos;
                measurements.add(
                        new Measurement(
                                "kernels",
                                "family.kernel" + i,
                                implementation,
                                List.of(new Fork(nanos, 100, 0, Fork.State.STEADY)),
                                1e6,
                                1e4,
                                1e4));
            }
        }
        return new Report("kernels", measurements, MachineLimits.of(118, 400, 200, 100, 14));
    }

    @Test
    void everyBarHasItsNameAndSlowOnesShow() {
        Map<String, Double> speedups = new LinkedHashMap<>();
        for (int i = 0; i < 12; i++) {
            speedups.put("family.kernel" + i, i == 3 ? 0.004 : 1.0 + i);
        }
        CategoryChart chart = Plots.bars(speedups, "title").orElseThrow();
        assertThat(chart.getStyler().getXAxisMaxLabelCount()).isEqualTo(12);
        assertThat(chart.getStyler().isYAxisLogarithmic()).isTrue();
        assertThat(chart.getStyler().getYAxisMin()).isEqualTo(0.001);
        assertThat(chart.getSeries("scalar").getYData()).hasSize(12);
    }

    @Test
    void formsOfTheVectorKernelsHaveBarsWhereThereIsNoOther() {
        List<Measurement> all = new ArrayList<>();
        for (String implementation : List.of("vector-512", "vector-256", "scalar", "ejml")) {
            all.add(measurement("gemm/1", implementation));
        }
        for (String implementation : List.of("vector", "vector-warmed", "scalar")) {
            all.add(measurement("gemm/2", implementation));
        }
        all.add(measurement("gemm/3", "vector-512"));
        Report report = new Report("widths", all, MachineLimits.of(118, 400, 200, 100, 14));
        assertThat(Plots.speedups(report)).containsOnlyKeys("gemm/1 512", "gemm/1 256", "gemm/2");
    }

    private static Measurement measurement(String name, String implementation) {
        List<Fork> forks = List.of(new Fork(1000, 100, 0, Fork.State.STEADY));
        return new Measurement("widths", name, implementation, forks, 1e6, 1e4, 1e4);
    }

    @Test
    void manyCasesGetAPictureForEachFamily() throws Exception {
        List<Path> files = Plots.draw(report(80), "title", folder);
        assertThat(files)
                .extracting(file -> file.getFileName().toString())
                .contains("kernels-speedup.png", "kernels-speedup-family.png");
    }

    @Test
    void picturesAreDrawn() throws Exception {
        List<Path> files = Plots.draw(report(12), "title", folder);
        assertThat(files).hasSize(2);
        for (Path file : files) {
            assertThat(ImageIO.read(file.toFile()).getWidth()).isGreaterThanOrEqualTo(800);
        }
    }
}
