package dev.lanewise.bench.peers;

import dev.lanewise.bench.work.GemmWork;
import dev.lanewise.bench.work.Peer;
import dev.lanewise.bench.work.Work;

import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** EJML, pure Java: matrix products on heap arrays; the copy to and from the heap is not timed. */
public final class EjmlPeer implements Peer {
    @Override
    public String name() {
        return "ejml";
    }

    @Override
    public boolean supports(Work work) {
        return work instanceof GemmWork gemm && gemm.batch() == 1 && gemm.flops() < 1e9;
    }

    @Override
    public Runnable prepare(Work work, Work.Data data, Arena arena) {
        GemmWork gemm = (GemmWork) work;
        FMatrixRMaj a = matrix(data.a(), gemm.m(), gemm.k(), gemm.transposedA());
        FMatrixRMaj b = matrix(data.b(), gemm.k(), gemm.n(), gemm.transposedB());
        FMatrixRMaj c = new FMatrixRMaj(gemm.m(), gemm.n());
        Runnable product = product(gemm, a, b, c);
        product.run();
        MemorySegment.copy(c.data, 0, data.out(), ValueLayout.JAVA_FLOAT, 0, gemm.m() * gemm.n());
        return product;
    }

    private static Runnable product(GemmWork gemm, FMatrixRMaj a, FMatrixRMaj b, FMatrixRMaj c) {
        if (gemm.transposedA()) {
            return gemm.transposedB()
                    ? () -> CommonOps_FDRM.multTransAB(a, b, c)
                    : () -> CommonOps_FDRM.multTransA(a, b, c);
        }
        return gemm.transposedB()
                ? () -> CommonOps_FDRM.multTransB(a, b, c)
                : () -> CommonOps_FDRM.mult(a, b, c);
    }

    /** As it lies in memory. */
    private static FMatrixRMaj matrix(
            MemorySegment values, int rows, int columns, boolean transposed) {
        return new FMatrixRMaj(
                transposed ? columns : rows,
                transposed ? rows : columns,
                true,
                values.toArray(ValueLayout.JAVA_FLOAT));
    }
}
