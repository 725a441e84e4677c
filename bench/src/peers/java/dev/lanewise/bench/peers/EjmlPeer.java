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
        FMatrixRMaj a =
                new FMatrixRMaj(gemm.m(), gemm.k(), true, data.a().toArray(ValueLayout.JAVA_FLOAT));
        FMatrixRMaj b =
                new FMatrixRMaj(gemm.k(), gemm.n(), true, data.b().toArray(ValueLayout.JAVA_FLOAT));
        FMatrixRMaj c = new FMatrixRMaj(gemm.m(), gemm.n());
        CommonOps_FDRM.mult(a, b, c);
        MemorySegment.copy(c.data, 0, data.out(), ValueLayout.JAVA_FLOAT, 0, gemm.m() * gemm.n());
        return () -> CommonOps_FDRM.mult(a, b, c);
    }
}
