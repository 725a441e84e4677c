package dev.lanewise.bench.peers;

import dev.lanewise.bench.work.GemmWork;
import dev.lanewise.bench.work.MapWork;
import dev.lanewise.bench.work.Peer;
import dev.lanewise.bench.work.Work;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.mkl.global.mkl_rt;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Intel MKL: matrix products (B packed where ours is) and the vector math library. */
public final class MklPeer implements Peer {
    @Override
    public String name() {
        return "mkl";
    }

    @Override
    public boolean supports(Work work) {
        return work instanceof GemmWork
                || work instanceof MapWork map
                        && switch (map.function()) {
                            case ADD, EXP, TANH -> true;
                            case RELU, SIGMOID, GELU -> false;
                        };
    }

    @Override
    public Runnable prepare(Work work, Work.Data data, Arena arena) {
        mkl_rt.MKL_Set_Num_Threads(Peer.threads());
        FloatPointer a = NativePointer.of(data.a());
        FloatPointer b = NativePointer.of(data.b());
        FloatPointer c = NativePointer.of(data.out());
        if (work instanceof MapWork map) {
            int n = map.n();
            return switch (map.function()) {
                case ADD -> () -> mkl_rt.vsAdd(n, a, b, c);
                case EXP -> () -> mkl_rt.vsExp(n, a, c);
                case TANH -> () -> mkl_rt.vsTanh(n, a, c);
                case RELU, SIGMOID, GELU -> throw new IllegalArgumentException(work.id());
            };
        }
        GemmWork gemm = (GemmWork) work;
        int m = gemm.m();
        int n = gemm.n();
        int k = gemm.k();
        if (gemm.batch() > 1) {
            return () ->
                    mkl_rt.cblas_sgemm_batch_strided(
                            mkl_rt.CblasRowMajor,
                            mkl_rt.CblasNoTrans,
                            mkl_rt.CblasNoTrans,
                            m,
                            n,
                            k,
                            1f,
                            a,
                            k,
                            m * k,
                            b,
                            n,
                            k * n,
                            0f,
                            c,
                            n,
                            m * n,
                            gemm.batch());
        }
        if (!gemm.packed()) {
            return () ->
                    mkl_rt.cblas_sgemm(
                            mkl_rt.CblasRowMajor,
                            mkl_rt.CblasNoTrans,
                            mkl_rt.CblasNoTrans,
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
        MemorySegment room =
                arena.allocate(
                        mkl_rt.cblas_sgemm_pack_get_size(mkl_rt.CblasBMatrix, m, n, k) + 64, 64);
        FloatPointer packed = NativePointer.of(room);
        mkl_rt.cblas_sgemm_pack(
                mkl_rt.CblasRowMajor,
                mkl_rt.CblasBMatrix,
                mkl_rt.CblasNoTrans,
                m,
                n,
                k,
                1f,
                b,
                n,
                packed);
        return () ->
                mkl_rt.cblas_sgemm_compute(
                        mkl_rt.CblasRowMajor,
                        mkl_rt.CblasNoTrans,
                        mkl_rt.CblasPacked,
                        m,
                        n,
                        k,
                        a,
                        k,
                        packed,
                        n,
                        0f,
                        c,
                        n);
    }
}
