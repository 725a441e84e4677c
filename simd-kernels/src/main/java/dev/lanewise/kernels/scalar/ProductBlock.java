package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A block of a matrix product in arrays: {@code sums += left · right}, where left: [ROWS, DEPTH],
 * right: [DEPTH, COLUMNS], sums: [ROWS, COLUMNS].
 *
 * <p>Products of matrices and convolutions copy what they multiply here, because C2 vectorizes
 * loops over arrays and none over floats in segments (see the package's description). Each copied
 * number is used up to {@link #ROWS} or {@link #COLUMNS} times, which pays for the copy. All three
 * stay in the second-level cache.
 */
final class ProductBlock {
    static final int ROWS = 64;
    static final int DEPTH = 64;
    static final int COLUMNS = 512;

    private static final ThreadLocal<ProductBlock> OF_THREAD =
            ThreadLocal.withInitial(ProductBlock::new);

    final float[][] left = new float[ROWS][DEPTH];
    final float[][] right = new float[DEPTH][COLUMNS];
    final float[][] sums = new float[ROWS][COLUMNS];

    private ProductBlock() {}

    /** The calling thread's block, made at its first call; what it holds is left from the last. */
    static ProductBlock ofThread() {
        return OF_THREAD.get();
    }

    /** sums = 0 over the first rows and columns. */
    void clear(int rows, int columns) {
        for (int i = 0; i < rows; i++) {
            Arrays.fill(sums[i], 0, columns, 0f);
        }
    }

    /** sums += left · right: each sum a chain of fused multiply-adds in ascending p. */
    void multiply(int rows, int depth, int columns) {
        for (int i = 0; i < rows; i++) {
            float[] x = left[i];
            if (columns == 1) {
                sums[i][0] = addColumn(x, depth, sums[i][0]);
                continue;
            }
            int p = 0;
            for (; p + 4 <= depth; p += 4) {
                addFour(
                        x[p],
                        right[p],
                        x[p + 1],
                        right[p + 1],
                        x[p + 2],
                        right[p + 2],
                        x[p + 3],
                        right[p + 3],
                        columns,
                        sums[i]);
            }
            for (; p < depth; p++) {
                addOne(x[p], right[p], columns, sums[i]);
            }
        }
    }

    /** A single column, such as a depthwise filter's gradient: one chain, without inner loops. */
    private float addColumn(float[] x, int depth, float sum) {
        float s = sum;
        for (int p = 0; p < depth; p++) {
            s = Math.fma(x[p], right[p][0], s);
        }
        return s;
    }

    /** Four steps of the chains at once, so that a sum is loaded and stored once for four. */
    private static void addFour(
            float x0,
            float[] row0,
            float x1,
            float[] row1,
            float x2,
            float[] row2,
            float x3,
            float[] row3,
            int columns,
            float[] sum) {
        for (int j = 0; j < columns; j++) {
            float s = Math.fma(x0, row0[j], sum[j]);
            s = Math.fma(x1, row1[j], s);
            s = Math.fma(x2, row2[j], s);
            sum[j] = Math.fma(x3, row3[j], s);
        }
    }

    private static void addOne(float x, float[] row, int columns, float[] sum) {
        for (int j = 0; j < columns; j++) {
            sum[j] = Math.fma(x, row[j], sum[j]);
        }
    }

    /** row[at + i] = x[i · stride] for i below n. */
    static void copyIn(MemorySegment x, long xOffset, long stride, int n, float[] row, int at) {
        if (stride == 1) {
            MemorySegment.copy(x, JAVA_FLOAT, xOffset << 2, row, at, n);
            return;
        }
        for (int i = 0; i < n; i++) {
            row[at + i] = x.getAtIndex(JAVA_FLOAT, xOffset + i * stride);
        }
    }
}
