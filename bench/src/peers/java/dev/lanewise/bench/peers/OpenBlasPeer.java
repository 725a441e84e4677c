package dev.lanewise.bench.peers;

import dev.lanewise.bench.work.GemmWork;
import dev.lanewise.bench.work.Peer;
import dev.lanewise.bench.work.Work;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.global.openblas_nolapack;

import java.lang.foreign.Arena;

/** OpenBLAS: matrix products. */
public final class OpenBlasPeer implements Peer {
    @Override
    public String name() {
        return "openblas";
    }

    @Override
    public boolean supports(Work work) {
        return work instanceof GemmWork;
    }

    @Override
    public Runnable prepare(Work work, Work.Data data, Arena arena) {
        GemmWork gemm = (GemmWork) work;
        openblas_nolapack.blas_set_num_threads(Peer.threads());
        FloatPointer a = NativePointer.of(data.a());
        FloatPointer b = NativePointer.of(data.b());
        FloatPointer c = NativePointer.of(data.out());
        int m = gemm.m();
        int n = gemm.n();
        int k = gemm.k();
        if (m == 1) {
            return () ->
                    openblas.cblas_sgemv(
                            openblas.CblasRowMajor,
                            openblas.CblasTrans,
                            k,
                            n,
                            1f,
                            b,
                            n,
                            a,
                            1,
                            0f,
                            c,
                            1);
        }
        int batch = gemm.batch();
        return () -> {
            for (int i = 0; i < batch; i++) {
                a.position((long) i * m * k);
                b.position((long) i * k * n);
                c.position((long) i * m * n);
                openblas.cblas_sgemm(
                        openblas.CblasRowMajor,
                        openblas.CblasNoTrans,
                        openblas.CblasNoTrans,
                        m,
                        n,
                        k,
                        1f,
                        a,
                        k,
                        b,
                        n,
                        0f,
                        c,
                        n);
            }
        };
    }
}
