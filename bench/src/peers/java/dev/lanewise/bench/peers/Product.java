package dev.lanewise.bench.peers;

import dev.lanewise.bench.work.ConvolutionWork;
import dev.lanewise.bench.work.GemmWork;
import dev.lanewise.bench.work.Work;
import dev.lanewise.kernels.Conv2dShape;

import org.bytedeco.javacpp.FloatPointer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A work as the BLAS does it: products C: [m, n] = op(A): [m, k] · op(B): [k, n], one after
 * another, each operand row-major or the transpose of a row-major matrix. A pointwise convolution
 * (1x1, stride 1) is one for each image, its weights times the image's channels; so is its input
 * gradient, and the weight gradient of a single image is one, too.
 *
 * @param count how many
 * @param transposedA whether A lies in memory as [k, m]
 * @param transposedB whether B lies in memory as [n, k]
 * @param weights the operand that counts as weights, to be packed before the call
 * @param aStep elements from one A to the next; 0 where all share it
 */
record Product(
        int count,
        int m,
        int n,
        int k,
        boolean transposedA,
        boolean transposedB,
        Weights weights,
        MemorySegment aData,
        long aStep,
        MemorySegment bData,
        MemorySegment cData) {

    /** Which operand is the same in every call. */
    enum Weights {
        NONE,
        A,
        B
    }

    /** Whether the work is one or several products. */
    static boolean is(Work work) {
        return work instanceof GemmWork
                || work instanceof ConvolutionWork convolution
                        && isPointwise(convolution.shape())
                        && !isSumOverImages(convolution);
    }

    private static boolean isSumOverImages(ConvolutionWork work) {
        return work.kind() == ConvolutionWork.Kind.WEIGHT_GRADIENT && work.shape().batch() > 1;
    }

    private static boolean isPointwise(Conv2dShape s) {
        return s.kernelHeight() == 1
                && s.kernelWidth() == 1
                && s.strideHeight() == 1
                && s.strideWidth() == 1
                && s.groups() == 1
                && s.outHeight() == s.inHeight() // no padding
                && s.outWidth() == s.inWidth();
    }

    /** The products of a work that {@linkplain #is is} some. */
    static Product of(Work work, Work.Data data) {
        if (work instanceof ConvolutionWork convolution) {
            return of(convolution, data);
        }
        GemmWork gemm = (GemmWork) work;
        return new Product(
                gemm.batch(),
                gemm.m(),
                gemm.n(),
                gemm.k(),
                gemm.transposedA(),
                gemm.transposedB(),
                gemm.packed() ? Weights.B : Weights.NONE,
                data.a(),
                (long) gemm.m() * gemm.k(),
                data.b(),
                data.out());
    }

    private static Product of(ConvolutionWork work, Work.Data data) {
        Conv2dShape s = work.shape();
        int pixels = s.outHeight() * s.outWidth();
        return switch (work.kind()) {
            case FORWARD -> ofImages(s, s.outChannels(), s.inChannels(), false, data);
            case INPUT_GRADIENT -> ofImages(s, s.inChannels(), s.outChannels(), true, data);
            case WEIGHT_GRADIENT ->
                    new Product(
                            1,
                            s.outChannels(),
                            s.inChannels(),
                            pixels,
                            false,
                            true,
                            Weights.NONE,
                            data.b(),
                            0,
                            data.a(),
                            data.out());
        };
    }

    /** The weights, or their transpose, times the channels of each image. */
    private static Product ofImages(
            Conv2dShape s, int to, int from, boolean transposed, Work.Data data) {
        return new Product(
                s.batch(),
                to,
                s.outHeight() * s.outWidth(),
                from,
                transposed,
                false,
                Weights.A,
                data.b(),
                0,
                data.a(),
                data.out());
    }

    FloatPointer a() {
        return NativePointer.of(aData);
    }

    FloatPointer b() {
        return NativePointer.of(bData);
    }

    FloatPointer c() {
        return NativePointer.of(cData);
    }

    /** Elements from one row of A, as it lies in memory, to the next. */
    int aRow() {
        return transposedA ? m : k;
    }

    /** Elements from one row of B, as it lies in memory, to the next. */
    int bRow() {
        return transposedB ? k : n;
    }

    /**
     * A product of a matrix and a vector: C = op(matrix) · vector.
     *
     * @param rows of the matrix, as it lies in memory
     * @param columns of it
     */
    record MatrixVector(
            FloatPointer matrix, int rows, int columns, boolean transposed, FloatPointer vector) {}

    /** Whether C is a single row or column. */
    boolean isMatrixVector() {
        return count == 1 && (m == 1 || n == 1);
    }

    /** A single row Cᵀ = op(B)ᵀ · Aᵀ, or a single column C = op(A) · B. */
    MatrixVector matrixVector() {
        return m == 1
                ? new MatrixVector(b(), transposedB ? n : k, bRow(), !transposedB, a())
                : new MatrixVector(a(), transposedA ? k : m, aRow(), transposedA, b());
    }

    /** Whether {@link #matrixVectorCopied} has weights to copy. */
    boolean copiesWeights() {
        return isMatrixVector() && m == 1 && weights == Weights.B && !transposedB;
    }

    /** {@link #matrixVector} of a single row, with a transposed copy of B, made now. */
    MatrixVector matrixVectorCopied(Arena arena) {
        return new MatrixVector(copyOfB(arena), n, k, false, a());
    }

    /** A copy of B, transposed to [n, k]. */
    private FloatPointer copyOfB(Arena arena) {
        MemorySegment copy = arena.allocate(4L * k * n + 64, 64);
        for (long row = 0; row < k; row++) {
            for (long column = 0; column < n; column++) {
                float value = bData.getAtIndex(ValueLayout.JAVA_FLOAT, row * n + column);
                copy.setAtIndex(ValueLayout.JAVA_FLOAT, column * k + row, value);
            }
        }
        return NativePointer.of(copy);
    }
}
