package dev.lanewise.bench.peers;

import dev.lanewise.bench.work.GemmWork;
import dev.lanewise.bench.work.Peer;
import dev.lanewise.bench.work.Work;

import org.ojalgo.OjAlgoUtils;
import org.ojalgo.matrix.store.R032Store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * ojAlgo, pure Java: matrix products on heap arrays; the copy to and from the heap is not timed. It
 * threads by itself, up to the threads of every peer.
 */
public final class OjAlgoPeer implements Peer {
    @Override
    public String name() {
        return "ojalgo";
    }

    @Override
    public boolean supports(Work work) {
        return work instanceof GemmWork gemm
                && gemm.batch() == 1
                && !gemm.transposedA()
                && !gemm.transposedB()
                && gemm.flops() < 1e9;
    }

    @Override
    public Runnable prepare(Work work, Work.Data data, Arena arena) {
        OjAlgoUtils.limitThreadsTo(Peer.threads());
        GemmWork gemm = (GemmWork) work;
        R032Store a = store(data.a(), gemm.m(), gemm.k());
        R032Store b = store(data.b(), gemm.k(), gemm.n());
        R032Store c = R032Store.FACTORY.make(gemm.m(), gemm.n());
        c.fillByMultiplying(a, b);
        for (int i = 0; i < gemm.m(); i++) {
            for (int j = 0; j < gemm.n(); j++) {
                data.out()
                        .setAtIndex(
                                ValueLayout.JAVA_FLOAT,
                                (long) i * gemm.n() + j,
                                c.floatValue(i, j));
            }
        }
        return () -> c.fillByMultiplying(a, b);
    }

    private static R032Store store(MemorySegment segment, int rows, int columns) {
        R032Store store = R032Store.FACTORY.make(rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                store.set(i, j, segment.getAtIndex(ValueLayout.JAVA_FLOAT, (long) i * columns + j));
            }
        }
        return store;
    }
}
