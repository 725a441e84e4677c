package dev.lanewise.samples.plot;

import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

import java.awt.Color;
import java.awt.Font;
import java.awt.image.BufferedImage;
import java.util.List;

/** Curves in one coordinate system. */
public final class LineChart {
    private static final Color[] COLORS = {
        new Color(0x1f, 0x77, 0xb4),
        new Color(0xd6, 0x27, 0x28),
        new Color(0x2c, 0xa0, 0x2c),
        new Color(0x94, 0x67, 0xbd),
        new Color(0xff, 0x7f, 0x0e),
        new Color(0x55, 0x55, 0x55)
    };

    /**
     * One curve.
     *
     * @param name for the legend
     * @param x positions
     * @param y values
     */
    public record Line(String name, double[] x, double[] y) {}

    private LineChart() {}

    /** Draws the curves; few points are marked, many are only joined. */
    public static BufferedImage draw(String title, String xLabel, String yLabel, List<Line> lines) {
        XYChart chart =
                new XYChartBuilder()
                        .width(640)
                        .height(440)
                        .title(title)
                        .xAxisTitle(xLabel)
                        .yAxisTitle(yLabel)
                        .build();
        chart.getStyler()
                .setLegendPosition(Styler.LegendPosition.OutsideS)
                .setLegendLayout(Styler.LegendLayout.Horizontal)
                .setLegendBorderColor(Color.WHITE)
                .setChartBackgroundColor(Color.WHITE)
                .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 17))
                .setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, Pictures.FONT_SIZE))
                .setSeriesColors(COLORS);
        chart.getStyler()
                .setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, Pictures.FONT_SIZE))
                .setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12))
                .setPlotGridLinesColor(new Color(0xdd, 0xdd, 0xdd));
        for (Line line : lines) {
            var series = chart.addSeries(line.name(), line.x(), line.y());
            series.setMarker(line.x().length <= 40 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        }
        return BitmapEncoder.getBufferedImage(chart);
    }
}
