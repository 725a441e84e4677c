package dev.lanewise.kernels;

/**
 * The fast algorithm for 3x3 filters of stride 1: minimal filtering F(4x4, 3x3) (Winograd 1980;
 * Lavin and Gray 2016, doi:10.1109/CVPR.2016.435).
 *
 * <p>A tile of 4x4 outputs is Aᵀ [ Σ over c of (G w Gᵀ) ⊙ (Bᵀ d B) ] A of the 6x6 inputs d that it
 * sees: 36 multiplications per channel instead of 144. The three matrices evaluate polynomials at
 * 0, ±{@link #P}, ±{@link #Q} and ∞. These points and all constants of A and B are exact in float;
 * of the simple choices they have the least error, 3 to 4 times less than the usual 0, ±1, ±2, ∞.
 *
 * <p>One-dimensional forms, in the order in which every backend computes them:
 *
 * <pre>{@code
 * Bᵀ d: e = fma(−Q², d2, d4), o = P · fma(−Q², d1, d3), f = fma(−P², d2, d4), u = Q · fma(−P², d1, d3)
 *       fma(P²Q², d0, fma(−(P² + Q²), d2, d4)), e + o, e − o, f + u, f − u,
 *       fma(P²Q², d1, fma(−(P² + Q²), d3, d5))
 * G w:  w0 / (P²Q²), e ± o with e = (w0 + P² w2) · p, o = w1 · Pp, p = 1 / (2P²(P² − Q²)),
 *       and likewise with Q and P exchanged, w2
 * Aᵀ m: s = m1 + m2, d = m1 − m2, t = m3 + m4, e = m3 − m4
 *       (m0 + b) + (s + t), fma(P, d, fma(Q, e, b)), fma(P², s, fma(Q², t, b)),
 *       fma(P³, d, fma(Q³, e, m5 + b)), with b = bias in the second pass, 0 in the first
 * }</pre>
 *
 * <p>The first pass goes down the columns, the second along the rows. The sum over c is that of
 * {@link Gemm}.
 *
 * <p><b>Accuracy.</b> |computed − exact| ≤ 600 · (C + 32) · ε · Σ over c of max |d| · max |w|, the
 * maxima over the tile's 6x6 inputs and the filter's 3x3 weights of channel c. That is the worst
 * case; on uniform random data of 32 to 512 channels the largest error is 1 to 2 times that of the
 * direct sums, and below 5e-6 of the largest output. What a NaN, an infinity or an overflow touches
 * is the whole tile: all its outputs of all filters may become NaN.
 *
 * <p><b>Choice.</b> {@link #suits} and {@link #suitsUnpacked}, pure functions of the shape: 3x3
 * filters, strides, dilations and groups of 1, channels in whole sixteens and not too few of them,
 * and enough tiles to pay for the larger, transformed weights.
 */
public final class Winograd {
    /** Outputs of a tile along one axis. */
    public static final int TILE = 4;

    /** Inputs that a tile sees, along one axis. */
    public static final int WINDOW = 6;

    /** Products of a tile: {@link #WINDOW} squared. */
    public static final int PRODUCTS = WINDOW * WINDOW;

    /** The smaller point of evaluation. */
    public static final float P = 0.625f;

    /** The larger point of evaluation. */
    public static final float Q = 1.5f;

    /** P². */
    public static final float P2 = P * P;

    /** Q². */
    public static final float Q2 = Q * Q;

    /** P³. */
    public static final float P3 = P2 * P;

    /** Q³. */
    public static final float Q3 = Q2 * Q;

    /** P²Q². */
    public static final float PRODUCT = P2 * Q2;

    /** P² + Q². */
    public static final float SUM = P2 + Q2;

    /** The weight's factor at 0: 1 / (P²Q²). */
    public static final float W0 = (float) (1.0 / ((double) P2 * Q2));

    /** The weight's even factor at ±P: 1 / (2P²(P² − Q²)). */
    public static final float WP = (float) (1 / (2.0 * P2 * (P2 - Q2)));

    /** The weight's odd factor at ±P. */
    public static final float WP_ODD = (float) (P / (2.0 * P2 * (P2 - Q2)));

    /** The weight's even factor at ±Q: 1 / (2Q²(Q² − P²)). */
    public static final float WQ = (float) (1 / (2.0 * Q2 * (Q2 - P2)));

    /** The weight's odd factor at ±Q. */
    public static final float WQ_ODD = (float) (Q / (2.0 * Q2 * (Q2 - P2)));

    /** Channels come in whole cache lines. */
    private static final int CHANNELS = 16;

    /** With fewer channels, C·K / (C + K), the transforms cost more than is saved. */
    private static final int LEAST_CHANNELS = 12;

    /** With fewer tiles in an image, reading 36 weights instead of 9 costs more than is saved. */
    private static final int LEAST_TILES = 4;

    /** With fewer tiles in a batch, transforming the weights costs more than is saved. */
    private static final long LEAST_TILES_UNPACKED = 16;

    private Winograd() {}

    /** Whether weights of this geometry are packed for this algorithm; the batch is not asked. */
    public static boolean suits(Conv2dShape shape, ConvolutionPass pass) {
        return fits(shape, pass) && tiles(shape, pass) >= LEAST_TILES;
    }

    /** Whether a pass whose weights are not packed uses this algorithm. */
    public static boolean suitsUnpacked(Conv2dShape shape, ConvolutionPass pass) {
        return suits(shape, pass) && shape.batch() * tiles(shape, pass) >= LEAST_TILES_UNPACKED;
    }

    private static boolean fits(Conv2dShape s, ConvolutionPass pass) {
        long in = s.inChannels();
        long out = s.outChannels();
        boolean overlaps =
                pass == ConvolutionPass.FORWARD
                        || Math.max(s.padTop(), s.padBottom()) <= 2
                                && Math.max(s.padLeft(), s.padRight()) <= 2;
        return s.algorithm() == ConvolutionAlgorithm.FAST
                && s.kernelHeight() == 3
                && s.kernelWidth() == 3
                && s.strideHeight() == 1
                && s.strideWidth() == 1
                && s.dilationHeight() == 1
                && s.dilationWidth() == 1
                && s.groups() == 1
                && overlaps
                && in % CHANNELS == 0
                && out % CHANNELS == 0
                && in * out >= LEAST_CHANNELS * (in + out)
                && in * out > 0;
    }

    private static long tiles(Conv2dShape s, ConvolutionPass pass) {
        return pass == ConvolutionPass.FORWARD
                ? (long) Math.ceilDiv(s.outHeight(), TILE) * Math.ceilDiv(s.outWidth(), TILE)
                : (long) Math.ceilDiv(s.inHeight(), TILE) * Math.ceilDiv(s.inWidth(), TILE);
    }

    /**
     * Images and planes as Winograd's kernels see them, of the forward convolution or the input
     * gradient, which is one of the flipped filters.
     *
     * @param channels channels that are summed
     * @param height rows of a source plane
     * @param width columns of a source plane
     * @param filters channels of the result
     * @param outHeight rows of a result plane
     * @param outWidth columns of a result plane
     * @param top zero rows above the source
     * @param left zero columns left of the source
     */
    public record Geometry(
            int channels,
            int height,
            int width,
            int filters,
            int outHeight,
            int outWidth,
            int top,
            int left) {

        /** The geometry of a pass. */
        public static Geometry of(Conv2dShape s, ConvolutionPass pass) {
            return switch (pass) {
                case FORWARD ->
                        new Geometry(
                                s.inChannels(),
                                s.inHeight(),
                                s.inWidth(),
                                s.outChannels(),
                                s.outHeight(),
                                s.outWidth(),
                                s.padTop(),
                                s.padLeft());
                case INPUT_GRADIENT ->
                        new Geometry(
                                s.outChannels(),
                                s.outHeight(),
                                s.outWidth(),
                                s.inChannels(),
                                s.inHeight(),
                                s.inWidth(),
                                2 - s.padTop(),
                                2 - s.padLeft());
            };
        }

        /** Rows of tiles. */
        public int tilesDown() {
            return Math.ceilDiv(outHeight, TILE);
        }

        /** Tiles in a row of tiles. */
        public int tilesAcross() {
            return Math.ceilDiv(outWidth, TILE);
        }
    }
}
