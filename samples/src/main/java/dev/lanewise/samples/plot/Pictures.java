package dev.lanewise.samples.plot;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import javax.imageio.ImageIO;

/** What all pictures share. */
public final class Pictures {
    static final Color INK = new Color(0x22, 0x22, 0x22);
    static final int FONT_SIZE = 14;

    private Pictures() {}

    /**
     * Whether text can be drawn: a JDK without a screen still needs the system's fonts. Prints what
     * to install if there are none.
     */
    public static boolean canDraw() {
        try {
            canvas(1, 1).getFontMetrics().stringWidth("x");
            return true;
        } catch (RuntimeException | LinkageError e) {
            System.err.println(
                    "No pictures: the JDK finds no fonts on this system (%s); install fontconfig and a font, for example fonts-dejavu-core"
                            .formatted(e.getMessage()));
            return false;
        }
    }

    /** Writes a PNG file, with the folders above it. */
    public static void write(BufferedImage picture, Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            if (!ImageIO.write(picture, "png", file.toFile())) {
                throw new IOException("this JDK has no writer for PNG");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** The pictures in a row, from the left. */
    public static BufferedImage beside(BufferedImage... pictures) {
        return join(true, pictures);
    }

    /** The pictures in a column, from the top. */
    public static BufferedImage below(BufferedImage... pictures) {
        return join(false, pictures);
    }

    private static BufferedImage join(boolean row, BufferedImage... pictures) {
        int width = 0;
        int height = 0;
        for (BufferedImage picture : pictures) {
            width = row ? width + picture.getWidth() : Math.max(width, picture.getWidth());
            height = row ? Math.max(height, picture.getHeight()) : height + picture.getHeight();
        }
        BufferedImage all = blank(width, height);
        Graphics2D canvas = all.createGraphics();
        int x = 0;
        int y = 0;
        for (BufferedImage picture : pictures) {
            canvas.drawImage(picture, x, y, null);
            x += row ? picture.getWidth() : 0;
            y += row ? 0 : picture.getHeight();
        }
        canvas.dispose();
        return all;
    }

    /** A white picture. */
    static BufferedImage blank(int width, int height) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = picture.createGraphics();
        canvas.setColor(Color.WHITE);
        canvas.fillRect(0, 0, width, height);
        canvas.dispose();
        return picture;
    }

    /** A canvas on {@code picture} with smooth lines and text. */
    static Graphics2D canvas(BufferedImage picture) {
        Graphics2D canvas = picture.createGraphics();
        canvas.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        canvas.setRenderingHint(
                RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        canvas.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, FONT_SIZE));
        canvas.setColor(INK);
        return canvas;
    }

    private static Graphics2D canvas(int width, int height) {
        return canvas(blank(width, height));
    }

    /** Draws {@code text} with its middle at {@code x}. */
    static void centred(Graphics2D canvas, String text, int x, int baseline) {
        canvas.drawString(text, x - canvas.getFontMetrics().stringWidth(text) / 2, baseline);
    }

    /** Blue at 0, white at one half, red at 1; clamped. */
    static Color blueToRed(double value) {
        double v = Math.clamp(value, 0, 1);
        double towardsEnd = Math.abs(v - 0.5) * 2;
        int faded = (int) Math.round(255 * (1 - 0.85 * towardsEnd));
        int strong = (int) Math.round(255 - 55 * towardsEnd);
        return v < 0.5 ? new Color(faded, faded, strong) : new Color(strong, faded, faded);
    }
}
