package dev.lanewise.samples.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * What a binary classifier says about each point of a square: blue where it says 0, red where it
 * says 1, with the line between them, and the examples as dots.
 */
public final class FieldPlot {
    private static final int SIDE = 260;
    private static final int LEFT = 50;
    private static final int TOP = 60;

    /**
     * An example.
     *
     * @param x first feature
     * @param y second feature
     * @param label 0 or 1
     */
    public record Point(double x, double y, int label) {}

    private FieldPlot() {}

    /** A classifier that answers many points at once. */
    @FunctionalInterface
    public interface Field {
        /**
         * The probabilities of class 1.
         *
         * @param points {@code [n, 2]}, one point after the other
         * @return {@code [n]}
         */
        float[] at(float[] points);
    }

    /** Draws the square {@code [from, to] x [from, to]}. */
    public static BufferedImage draw(
            String title,
            String subtitle,
            double from,
            double to,
            Field field,
            List<Point> points) {
        BufferedImage picture = Pictures.blank(LEFT + SIDE + 30, TOP + SIDE + 60);
        double step = (to - from) / SIDE;
        float[] grid = new float[2 * SIDE * SIDE];
        for (int i = 0; i < SIDE * SIDE; i++) {
            grid[2 * i] = (float) (from + (i % SIDE + 0.5) * step);
            grid[2 * i + 1] = (float) (to - (i / SIDE + 0.5) * step);
        }
        float[] probabilities = field.at(grid);
        boolean[][] above = new boolean[SIDE][SIDE];
        for (int i = 0; i < SIDE * SIDE; i++) {
            int row = i / SIDE;
            int column = i % SIDE;
            above[row][column] = probabilities[i] > 0.5;
            // half strength, so that dots and the boundary stand out
            Color colour = Pictures.blueToRed(0.5 + (probabilities[i] - 0.5) * 0.6);
            picture.setRGB(LEFT + column, TOP + row, colour.getRGB());
        }
        Graphics2D canvas = Pictures.canvas(picture);
        drawBoundary(canvas, above);
        drawAxes(canvas, title, subtitle, from, to);
        for (Point point : points) {
            drawPoint(canvas, point, from, step);
        }
        canvas.dispose();
        return picture;
    }

    private static void drawBoundary(Graphics2D canvas, boolean[][] above) {
        canvas.setColor(Pictures.INK);
        for (int row = 1; row < SIDE; row++) {
            for (int column = 1; column < SIDE; column++) {
                boolean here = above[row][column];
                if (here != above[row - 1][column] || here != above[row][column - 1]) {
                    canvas.fillRect(LEFT + column - 1, TOP + row - 1, 2, 2);
                }
            }
        }
    }

    private static void drawAxes(
            Graphics2D canvas, String title, String subtitle, double from, double to) {
        canvas.drawRect(LEFT - 1, TOP - 1, SIDE + 1, SIDE + 1);
        for (int tick = (int) Math.ceil(from); tick <= to; tick++) {
            int along = (int) Math.round((tick - from) / (to - from) * SIDE);
            canvas.drawLine(LEFT + along, TOP + SIDE, LEFT + along, TOP + SIDE + 5);
            Pictures.centred(canvas, Integer.toString(tick), LEFT + along, TOP + SIDE + 20);
            canvas.drawLine(LEFT - 6, TOP + SIDE - along, LEFT - 1, TOP + SIDE - along);
            Pictures.centred(canvas, Integer.toString(tick), LEFT - 14, TOP + SIDE - along + 5);
        }
        Pictures.centred(canvas, "first input", LEFT + SIDE / 2, TOP + SIDE + 42);
        canvas.rotate(-Math.PI / 2);
        Pictures.centred(canvas, "second input", -(TOP + SIDE / 2), 18);
        canvas.rotate(Math.PI / 2);
        Pictures.centred(canvas, subtitle, LEFT + SIDE / 2, 46);
        Font plain = canvas.getFont();
        canvas.setFont(plain.deriveFont(Font.BOLD, 16f));
        Pictures.centred(canvas, title, LEFT + SIDE / 2, 24);
        canvas.setFont(plain);
    }

    private static void drawPoint(Graphics2D canvas, Point point, double from, double step) {
        double x = LEFT + (point.x() - from) / step;
        double y = TOP + SIDE - (point.y() - from) / step;
        Ellipse2D dot = new Ellipse2D.Double(x - 9, y - 9, 18, 18);
        canvas.setColor(
                point.label() == 1 ? new Color(0xc5, 0x30, 0x30) : new Color(0x2b, 0x6c, 0xb0));
        canvas.fill(dot);
        canvas.setColor(Color.WHITE);
        canvas.setStroke(new BasicStroke(2));
        canvas.draw(dot);
        Pictures.centred(
                canvas,
                Integer.toString(point.label()),
                (int) Math.round(x),
                (int) Math.round(y) + 5);
    }
}
