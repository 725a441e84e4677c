package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.Winograd.P;
import static dev.lanewise.kernels.Winograd.P2;
import static dev.lanewise.kernels.Winograd.P3;
import static dev.lanewise.kernels.Winograd.PRODUCT;
import static dev.lanewise.kernels.Winograd.PRODUCTS;
import static dev.lanewise.kernels.Winograd.Q;
import static dev.lanewise.kernels.Winograd.Q2;
import static dev.lanewise.kernels.Winograd.Q3;
import static dev.lanewise.kernels.Winograd.SUM;
import static dev.lanewise.kernels.Winograd.TILE;
import static dev.lanewise.kernels.Winograd.W0;
import static dev.lanewise.kernels.Winograd.WINDOW;
import static dev.lanewise.kernels.Winograd.WP;
import static dev.lanewise.kernels.Winograd.WP_ODD;
import static dev.lanewise.kernels.Winograd.WQ;
import static dev.lanewise.kernels.Winograd.WQ_ODD;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;
import dev.lanewise.kernels.Winograd.Geometry;

import java.lang.foreign.MemorySegment;

/**
 * {@link dev.lanewise.kernels.Winograd}'s algorithm, one row of tiles at a time: each tile is
 * transformed for itself, the products are 36 matrix products [tile, channel] · [channel, filter].
 */
final class ScalarWinograd {
    private static final Gemm GEMM = new ScalarGemm();
    private static final int TAPS = 9;

    /** One window, or what becomes of it, before and after its first pass. */
    private static final int TILE_SCRATCH = 2 * PRODUCTS;

    private ScalarWinograd() {}

    static long packedSize(Geometry g) {
        return (long) PRODUCTS * g.channels() * g.filters();
    }

    static long workspaceSize(Geometry g) {
        return TILE_SCRATCH
                + (long) PRODUCTS * g.tilesAcross() * ((long) g.channels() + g.filters());
    }

    /** packed[i, j, c, f] = (G w Gᵀ)[i, j] of each filter, for a range of channels c. */
    static void pack(
            Geometry g,
            boolean flipped,
            int firstChannel,
            int lastChannel,
            MemorySegment weight,
            long weightOffset,
            MemorySegment work,
            long workOffset,
            MemorySegment packed,
            long packedOffset) {
        int channels = g.channels();
        int filters = g.filters();
        long pitch = (long) channels * filters;
        for (int c = firstChannel; c < lastChannel; c++) {
            for (int f = 0; f < filters; f++) {
                long filter = flipped ? (long) c * filters + f : (long) f * channels + c;
                long first = weightOffset + TAPS * filter + (flipped ? TAPS - 1 : 0);
                int tap = flipped ? -1 : 1;
                for (int s = 0; s < 3; s++) {
                    weightLine(weight, first + s * tap, 3 * tap, work, workOffset + s, 3);
                }
                long to = packedOffset + (long) c * filters + f;
                for (int i = 0; i < WINDOW; i++) {
                    weightLine(work, workOffset + 3 * i, 1, packed, to + WINDOW * i * pitch, pitch);
                }
            }
        }
    }

    static void run(
            Geometry g,
            MemorySegment source,
            long sourceOffset,
            MemorySegment packed,
            long packedOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            FusedActivation activation,
            int firstBand,
            int lastBand,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        long inImage = (long) g.channels() * g.height() * g.width();
        long outImage = (long) g.filters() * g.outHeight() * g.outWidth();
        int bands = g.tilesDown();
        long plane = (long) g.outHeight() * g.outWidth();
        for (int band = firstBand; band < lastBand; band++) {
            int y = band % bands * TILE;
            long image = outOffset + band / bands * outImage;
            inputs(g, y - g.top(), source, sourceOffset + band / bands * inImage, work, workOffset);
            multiply(g, packed, packedOffset, work, workOffset);
            outputs(g, y, hasBias, bias, biasOffset, work, workOffset, out, image);
            long pixels = (long) Math.min(TILE, g.outHeight() - y) * g.outWidth();
            for (int f = 0; f < g.filters(); f++) {
                long rows = image + f * plane + (long) y * g.outWidth();
                activation.apply(ScalarKernels.bundle(), out, rows, pixels);
            }
        }
    }

    private static long inputsAt(long workOffset) {
        return workOffset + TILE_SCRATCH;
    }

    private static long productsAt(Geometry g, long workOffset) {
        return inputsAt(workOffset) + (long) PRODUCTS * g.tilesAcross() * g.channels();
    }

    /** inputs[i, j, tile, c] = (Bᵀ d B)[i, j] of a row of tiles whose windows begin in row y. */
    private static void inputs(
            Geometry g,
            int y,
            MemorySegment source,
            long image,
            MemorySegment work,
            long workOffset) {
        int tiles = g.tilesAcross();
        long pitch = (long) tiles * g.channels();
        long plane = (long) g.height() * g.width();
        for (int c = 0; c < g.channels(); c++) {
            for (int t = 0; t < tiles; t++) {
                window(g, source, image + c * plane, y, TILE * t - g.left(), work, workOffset);
                for (int j = 0; j < WINDOW; j++) {
                    long column = workOffset + j;
                    inputLine(work, column, WINDOW, work, column + PRODUCTS, WINDOW);
                }
                long to = inputsAt(workOffset) + (long) t * g.channels() + c;
                for (int i = 0; i < WINDOW; i++) {
                    long row = workOffset + PRODUCTS + WINDOW * i;
                    inputLine(work, row, 1, work, to + WINDOW * i * pitch, pitch);
                }
            }
        }
    }

    /** 6x6 values of a plane, 0 outside. */
    private static void window(
            Geometry g,
            MemorySegment source,
            long plane,
            int y,
            int x,
            MemorySegment work,
            long workOffset) {
        for (int i = 0; i < WINDOW; i++) {
            for (int j = 0; j < WINDOW; j++) {
                int row = y + i;
                int column = x + j;
                boolean inside = row >= 0 && row < g.height() && column >= 0 && column < g.width();
                float value = inside ? get(source, plane + (long) row * g.width() + column) : 0;
                work.setAtIndex(JAVA_FLOAT, workOffset + WINDOW * i + j, value);
            }
        }
    }

    private static void multiply(
            Geometry g,
            MemorySegment packed,
            long packedOffset,
            MemorySegment work,
            long workOffset) {
        int tiles = g.tilesAcross();
        int channels = g.channels();
        int filters = g.filters();
        for (int i = 0; i < PRODUCTS; i++) {
            GEMM.gemm(
                    work,
                    inputsAt(workOffset) + (long) i * tiles * channels,
                    channels,
                    1,
                    packed,
                    packedOffset + (long) i * channels * filters,
                    filters,
                    1,
                    BiasAxis.NONE,
                    work,
                    0,
                    tiles,
                    filters,
                    channels,
                    1,
                    0,
                    FusedActivation.NONE,
                    work,
                    0,
                    work,
                    productsAt(g, workOffset) + (long) i * tiles * filters,
                    filters);
        }
    }

    /** out = Aᵀ m A + bias of a row of tiles that begins in row y. */
    private static void outputs(
            Geometry g,
            int y,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long image) {
        int tiles = g.tilesAcross();
        long pitch = (long) tiles * g.filters();
        int rows = Math.min(TILE, g.outHeight() - y);
        for (int f = 0; f < g.filters(); f++) {
            float shift = hasBias ? get(bias, biasOffset + f) : 0;
            long plane = image + (long) f * g.outHeight() * g.outWidth();
            for (int t = 0; t < tiles; t++) {
                long from = productsAt(g, workOffset) + (long) t * g.filters() + f;
                for (int j = 0; j < WINDOW; j++) {
                    outputLine(work, from + j * pitch, WINDOW * pitch, 0, workOffset + j, WINDOW);
                }
                int columns = Math.min(TILE, g.outWidth() - TILE * t);
                for (int i = 0; i < rows; i++) {
                    long tile = workOffset + PRODUCTS;
                    outputLine(work, workOffset + WINDOW * i, 1, shift, tile, 1);
                    long to = plane + (long) (y + i) * g.outWidth() + (long) TILE * t;
                    for (int j = 0; j < columns; j++) {
                        out.setAtIndex(JAVA_FLOAT, to + j, get(work, tile + j));
                    }
                }
            }
        }
    }

    /** Bᵀ d. */
    private static void inputLine(
            MemorySegment from, long at, long step, MemorySegment into, long to, long pitch) {
        float d0 = get(from, at);
        float d1 = get(from, at + step);
        float d2 = get(from, at + 2 * step);
        float d3 = get(from, at + 3 * step);
        float d4 = get(from, at + 4 * step);
        float d5 = get(from, at + 5 * step);
        put(into, to, Math.fma(PRODUCT, d0, Math.fma(-SUM, d2, d4)));
        float even = Math.fma(-Q2, d2, d4);
        float odd = Math.fma(-Q2, d1, d3) * P;
        put(into, to + pitch, even + odd);
        put(into, to + 2 * pitch, even - odd);
        even = Math.fma(-P2, d2, d4);
        odd = Math.fma(-P2, d1, d3) * Q;
        put(into, to + 3 * pitch, even + odd);
        put(into, to + 4 * pitch, even - odd);
        put(into, to + 5 * pitch, Math.fma(PRODUCT, d1, Math.fma(-SUM, d3, d5)));
    }

    /** G w. */
    private static void weightLine(
            MemorySegment from, long at, long step, MemorySegment into, long to, long pitch) {
        float w0 = get(from, at);
        float w1 = get(from, at + step);
        float w2 = get(from, at + 2 * step);
        put(into, to, w0 * W0);
        float even = Math.fma(P2, w2, w0) * WP;
        float odd = w1 * WP_ODD;
        put(into, to + pitch, even + odd);
        put(into, to + 2 * pitch, even - odd);
        even = Math.fma(Q2, w2, w0) * WQ;
        odd = w1 * WQ_ODD;
        put(into, to + 3 * pitch, even + odd);
        put(into, to + 4 * pitch, even - odd);
        put(into, to + 5 * pitch, w2);
    }

    /** Aᵀ m + bias. */
    private static void outputLine(
            MemorySegment work, long at, long step, float bias, long to, long pitch) {
        float m0 = get(work, at);
        float m5 = get(work, at + 5 * step);
        float s = get(work, at + step) + get(work, at + 2 * step);
        float d = get(work, at + step) - get(work, at + 2 * step);
        float t = get(work, at + 3 * step) + get(work, at + 4 * step);
        float e = get(work, at + 3 * step) - get(work, at + 4 * step);
        put(work, to, (m0 + bias) + (s + t));
        put(work, to + pitch, Math.fma(P, d, Math.fma(Q, e, bias)));
        put(work, to + 2 * pitch, Math.fma(P2, s, Math.fma(Q2, t, bias)));
        put(work, to + 3 * pitch, Math.fma(P3, d, Math.fma(Q3, e, m5 + bias)));
    }

    private static float get(MemorySegment segment, long index) {
        return segment.getAtIndex(JAVA_FLOAT, index);
    }

    private static void put(MemorySegment segment, long index, float value) {
        segment.setAtIndex(JAVA_FLOAT, index, value);
    }
}
