package dev.lanewise.samples.plot;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A confusion matrix as a heat map: actual classes downwards, predicted ones to the right. Blue
 * cells are right answers, red ones mistakes; the number is the count. Drawn by hand, because a
 * general heat map labels every other class and shows a mistake in a thousand as white.
 */
public final class ConfusionPlot {
    private static final int CELL_WIDTH = 58;
    private static final int CELL_HEIGHT = 40;
    private static final int TOP = 86;

    private ConfusionPlot() {}

    /**
     * Draws the matrix.
     *
     * @param counts {@code counts[actual][predicted]}
     */
    public static BufferedImage draw(String title, List<String> classes, long[][] counts) {
        int n = classes.size();
        Graphics2D probe = Pictures.canvas(Pictures.blank(1, 1));
        int widest = 0;
        for (String name : classes) {
            widest = Math.max(widest, probe.getFontMetrics().stringWidth(name));
        }
        int cellWidth = Math.max(CELL_WIDTH, widest + 10);
        int left = 60 + widest;
        BufferedImage picture =
                Pictures.blank(left + n * cellWidth + 24, TOP + n * CELL_HEIGHT + 24);
        Graphics2D canvas = Pictures.canvas(picture);
        Font plain = canvas.getFont();
        int middle = left + n * cellWidth / 2;
        canvas.setFont(plain.deriveFont(Font.BOLD, 17f));
        Pictures.centred(canvas, title, middle, 26);
        canvas.setFont(plain);
        Pictures.centred(canvas, "predicted", middle, 52);
        canvas.rotate(-Math.PI / 2);
        Pictures.centred(canvas, "actual", -(TOP + n * CELL_HEIGHT / 2), 22);
        canvas.rotate(Math.PI / 2);
        for (int i = 0; i < n; i++) {
            Pictures.centred(
                    canvas, classes.get(i), left + i * cellWidth + cellWidth / 2, TOP - 10);
            int width = canvas.getFontMetrics().stringWidth(classes.get(i));
            canvas.drawString(classes.get(i), left - 10 - width, TOP + i * CELL_HEIGHT + 25);
        }
        for (int actual = 0; actual < n; actual++) {
            long row = LongStream.of(counts[actual]).sum();
            for (int predicted = 0; predicted < n; predicted++) {
                long count = counts[actual][predicted];
                int x = left + predicted * cellWidth;
                int y = TOP + actual * CELL_HEIGHT;
                boolean right = actual == predicted;
                double share = row == 0 ? 0 : count / (double) row;
                // the square root makes one mistake in a hundred visible
                double strength = right ? share : Math.min(1, 2 * Math.sqrt(share));
                canvas.setColor(
                        Pictures.blueToRed(right ? (1 - 0.8 * strength) / 2 : (1 + strength) / 2));
                canvas.fillRect(x, y, cellWidth, CELL_HEIGHT);
                canvas.setColor(new Color(0xdd, 0xdd, 0xdd));
                canvas.drawRect(x, y, cellWidth, CELL_HEIGHT);
                if (count > 0) {
                    canvas.setColor(strength > 0.7 ? Color.WHITE : Pictures.INK);
                    Pictures.centred(canvas, Long.toString(count), x + cellWidth / 2, y + 25);
                }
            }
        }
        canvas.dispose();
        return picture;
    }
}
