package dev.lanewise.samples.plot;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Small grey or signed images in rows, enlarged, each with a caption. */
public final class ImageGrid {
    private static final int GAP = 10;
    private static final int TITLE = 40;

    /** How numbers become colours. */
    public enum Colours {
        /** 0 is black, the largest value of the image is white. */
        GREY,
        /** Negative is blue, 0 is white, positive is red; symmetric about 0. */
        SIGNED
    }

    private record Tile(String caption, float[] values) {}

    private final String title;
    private final int height;
    private final int width;
    private final int columns;
    private final Colours colours;
    private final List<Tile> tiles = new ArrayList<>();

    /**
     * An empty grid.
     *
     * @param height of each image in pixels of its own
     * @param width likewise
     */
    public ImageGrid(String title, int height, int width, int columns, Colours colours) {
        this.title = title;
        this.height = height;
        this.width = width;
        this.columns = columns;
        this.colours = colours;
    }

    /**
     * Adds an image.
     *
     * @param values {@code [height, width]}
     */
    public ImageGrid add(String caption, float[] values) {
        if (values.length != height * width) {
            throw new IllegalArgumentException(
                    "image of %d values in a grid of %dx%d"
                            .formatted(values.length, height, width));
        }
        tiles.add(new Tile(caption, values.clone()));
        return this;
    }

    /** Draws all images, enlarged to about 84 pixels. */
    public BufferedImage draw() {
        int scale = Math.max(1, 84 / Math.max(height, width));
        boolean captions = tiles.stream().anyMatch(tile -> !tile.caption.isEmpty());
        int captionHeight = captions ? 20 : 0;
        int stepX = Math.max(width * scale, widestCaption()) + GAP;
        int stepY = height * scale + GAP + captionHeight;
        int rows = (tiles.size() + columns - 1) / columns;
        BufferedImage probe = Pictures.blank(1, 1);
        int titleWidth = titleCanvas(probe).getFontMetrics().stringWidth(title);
        BufferedImage picture =
                Pictures.blank(
                        Math.max(columns * stepX, titleWidth) + 2 * GAP,
                        TITLE + Math.max(rows, 1) * stepY + GAP);
        Graphics2D canvas = titleCanvas(picture);
        Pictures.centred(canvas, title, picture.getWidth() / 2, 26);
        canvas.dispose();
        canvas = captionCanvas(picture);
        int left = (picture.getWidth() - columns * stepX + GAP) / 2;
        for (int i = 0; i < tiles.size(); i++) {
            int x = left + i % columns * stepX;
            int y = TITLE + i / columns * stepY;
            int inset = (stepX - GAP - width * scale) / 2;
            canvas.drawImage(
                    image(tiles.get(i).values), x + inset, y, width * scale, height * scale, null);
            canvas.setColor(new Color(0xbb, 0xbb, 0xbb));
            canvas.drawRect(x + inset - 1, y - 1, width * scale + 1, height * scale + 1);
            canvas.setColor(Pictures.INK);
            Pictures.centred(
                    canvas, tiles.get(i).caption, x + (stepX - GAP) / 2, y + height * scale + 15);
        }
        canvas.dispose();
        return picture;
    }

    private int widestCaption() {
        Graphics2D probe = captionCanvas(Pictures.blank(1, 1));
        return tiles.stream()
                .mapToInt(tile -> probe.getFontMetrics().stringWidth(tile.caption))
                .max()
                .orElse(0);
    }

    private static Graphics2D captionCanvas(BufferedImage picture) {
        Graphics2D canvas = Pictures.canvas(picture);
        canvas.setFont(canvas.getFont().deriveFont(12f));
        return canvas;
    }

    private static Graphics2D titleCanvas(BufferedImage picture) {
        Graphics2D canvas = Pictures.canvas(picture);
        canvas.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 16));
        return canvas;
    }

    private BufferedImage image(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        float scale = largest == 0 ? 0 : 1 / largest;
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < values.length; i++) {
            float value = values[i] * scale;
            int grey = Math.round(255 * Math.clamp(value, 0, 1));
            Color colour =
                    colours == Colours.GREY
                            ? new Color(grey, grey, grey)
                            : Pictures.blueToRed(0.5 + value / 2);
            image.setRGB(i % width, i / width, colour.getRGB());
        }
        return image;
    }
}
