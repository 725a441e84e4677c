package dev.lanewise.samples.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;

import javax.imageio.ImageIO;

class PicturesTest {
    @TempDir private Path folder;

    @Test
    void picturesAreWrittenBelowNewFolders() throws Exception {
        Path file = folder.resolve("a/b/curve.png");
        Pictures.write(
                LineChart.draw(
                        "Loss",
                        "epoch",
                        "loss",
                        List.of(new LineChart.Line("x", new double[] {1, 2}, new double[] {2, 1}))),
                file);
        assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(640);
    }

    @Test
    void picturesLieSideBySide() {
        BufferedImage wide = Pictures.blank(30, 10);
        BufferedImage high = Pictures.blank(10, 40);
        wide.setRGB(29, 9, Color.RED.getRGB());
        high.setRGB(0, 0, Color.BLUE.getRGB());
        BufferedImage row = Pictures.beside(wide, high);
        assertThat(List.of(row.getWidth(), row.getHeight())).containsExactly(40, 40);
        assertThat(row.getRGB(29, 9)).isEqualTo(Color.RED.getRGB());
        assertThat(row.getRGB(30, 0)).isEqualTo(Color.BLUE.getRGB());
        BufferedImage column = Pictures.below(wide, high);
        assertThat(List.of(column.getWidth(), column.getHeight())).containsExactly(30, 50);
        assertThat(column.getRGB(0, 10)).isEqualTo(Color.BLUE.getRGB());
    }

    @Test
    void signedValuesAreBlueWhiteAndRed() {
        assertThat(Pictures.blueToRed(0.5)).isEqualTo(Color.WHITE);
        Color negative = Pictures.blueToRed(0);
        assertThat(negative.getBlue()).isGreaterThan(3 * negative.getRed());
        Color positive = Pictures.blueToRed(7);
        assertThat(positive.getRed()).isGreaterThan(3 * positive.getBlue());
    }

    @Test
    void gridShowsEachImageInItsColours() {
        BufferedImage picture =
                new ImageGrid("", 1, 2, 1, ImageGrid.Colours.GREY)
                        .add("", new float[] {0, 5})
                        .draw();
        // one tile of 84x42 pixels: black on the left, the largest value white on the right
        int y = 40 + 21;
        int left = (picture.getWidth() - 84) / 2;
        assertThat(picture.getRGB(left + 10, y)).isEqualTo(Color.BLACK.getRGB());
        assertThat(picture.getRGB(left + 70, y)).isEqualTo(Color.WHITE.getRGB());
        assertThatThrownBy(
                        () ->
                                new ImageGrid("", 2, 2, 1, ImageGrid.Colours.GREY)
                                        .add("", new float[3]))
                .hasMessageContaining("3 values in a grid of 2x2");
    }

    @Test
    void mistakesStandOutInTheConfusionMatrix() {
        BufferedImage picture =
                ConfusionPlot.draw("t", List.of("a", "b"), new long[][] {{99, 1}, {0, 100}});
        boolean hasRed = false;
        boolean hasBlue = false;
        for (int x = 0; x < picture.getWidth(); x++) {
            Color colour = new Color(picture.getRGB(x, 86 + 5));
            hasRed |= colour.getRed() > colour.getBlue() + 20;
            hasBlue |= colour.getBlue() > colour.getRed() + 20;
        }
        assertThat(hasRed).isTrue();
        assertThat(hasBlue).isTrue();
    }

    @Test
    void fieldIsDrawnWithItsBoundary() {
        BufferedImage picture =
                FieldPlot.draw(
                        "t",
                        "s",
                        0,
                        1,
                        points -> {
                            float[] first = new float[points.length / 2];
                            for (int i = 0; i < first.length; i++) {
                                first[i] = points[2 * i] > 0.5 ? 1 : 0;
                            }
                            return first;
                        },
                        List.of());
        int y = 60 + 130;
        Color left = new Color(picture.getRGB(50 + 20, y));
        Color right = new Color(picture.getRGB(50 + 240, y));
        assertThat(left.getBlue()).isGreaterThan(left.getRed() + 50);
        assertThat(right.getRed()).isGreaterThan(right.getBlue() + 50);
        assertThat(new Color(picture.getRGB(50 + 130, y)).getRed()).isLessThan(80);
    }
}
