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
 * A work as the BLAS does it: products C: [m, n] = A: [m, k] · B: [k, n], one after another. A
 * pointwise convolution (1x1, stride 1) is one for each image, its weights times the image's
 * channels.
 *
 * @param count how many
 * @param weights the operand that counts as weights, to be packed before the call
 * @param aStep elements from one A to the next; 0 where all share it
 */
record Product(
        int count,
        int m,
        int n,
        int k,
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
                || work instanceof ConvolutionWork convolution && isPointwise(convolution.shape());
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
            Conv2dShape s = convolution.shape();
            return new Product(
                    s.batch(),
                    s.outChannels(),
                    s.outHeight() * s.outWidth(),
                    s.inChannels(),
                    Weights.A,
                    data.b(),
                    0,
                    data.a(),
                    data.out());
        }
        GemmWork gemm = (GemmWork) work;
        return new Product(
                gemm.batch(),
                gemm.m(),
                gemm.n(),
                gemm.k(),
                gemm.packed() ? Weights.B : Weights.NONE,
                data.a(),
                (long) gemm.m() * gemm.k(),
                data.b(),
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

    /** A copy of B, transposed to [n, k]. */
    FloatPointer transposedB(Arena arena) {
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
