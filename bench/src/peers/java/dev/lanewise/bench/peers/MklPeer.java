package dev.lanewise.bench.peers;

import dev.lanewise.bench.peers.Fastest.Form;
import dev.lanewise.bench.work.MapWork;
import dev.lanewise.bench.work.Peer;
import dev.lanewise.bench.work.Work;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.mkl.global.mkl_rt;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Intel MKL: matrix products, pointwise convolutions, which are some, and the vector math library;
 * each in the form that a trial shows to be the fastest. Products: plain or with the weights packed
 * beforehand, a single row or column also as {@code sgemv}. Functions: mode HA (errors below 1 ULP)
 * or LA (below 4 ULP), neither with error handling. It chooses its instructions by the vendor of
 * the CPU; what it takes elsewhere than on Intel's is left as it is.
 */
public final class MklPeer implements Peer {
    @Override
    public String name() {
        return "mkl";
    }

    @Override
    public boolean supports(Work work) {
        return Product.is(work)
                || work instanceof MapWork map
                        && switch (map.function()) {
                            case ADD, EXP, TANH -> true;
                            case RELU, SIGMOID, GELU -> false;
                        };
    }

    @Override
    public Runnable prepare(Work work, Work.Data data, Arena arena) {
        mkl_rt.MKL_Set_Num_Threads(Peer.threads());
        List<Form> forms = new ArrayList<>();
        if (work instanceof MapWork map) {
            forms.add(new Form("HA", function(map, data, mkl_rt.VML_HA)));
            forms.add(new Form("LA", function(map, data, mkl_rt.VML_LA)));
        } else {
            addProducts(forms, Product.of(work, data), arena);
        }
        return Fastest.of("mkl " + work.id(), forms);
    }

    private static Runnable function(MapWork map, Work.Data data, int accuracy) {
        FloatPointer a = NativePointer.of(data.a());
        FloatPointer b = NativePointer.of(data.b());
        FloatPointer c = NativePointer.of(data.out());
        int n = map.n();
        long mode = accuracy | mkl_rt.VML_ERRMODE_NOERR | mkl_rt.VML_FTZDAZ_OFF;
        return switch (map.function()) {
            case ADD -> () -> mkl_rt.vmsAdd(n, a, b, c, mode);
            case EXP -> () -> mkl_rt.vmsExp(n, a, c, mode);
            case TANH -> () -> mkl_rt.vmsTanh(n, a, c, mode);
            case RELU, SIGMOID, GELU -> throw new IllegalArgumentException(map.id());
        };
    }

    private static void addProducts(List<Form> forms, Product product, Arena arena) {
        forms.add(new Form("sgemm", gemm(product)));
        if (product.count() > 1 && product.weights() == Product.Weights.NONE) {
            forms.add(new Form("sgemm-batch", batch(product)));
        }
        if (product.weights() != Product.Weights.NONE) {
            forms.add(new Form("sgemm-packed", packed(product, arena)));
        }
        if (product.isMatrixVector()) {
            forms.add(new Form("sgemv", gemv(product, product.matrixVector())));
            if (product.copiesWeights()) {
                forms.add(
                        new Form(
                                "sgemv-transposed",
                                gemv(product, product.matrixVectorCopied(arena))));
            }
        }
    }

    private static Runnable gemv(Product product, Product.MatrixVector p) {
        FloatPointer c = product.c();
        return () ->
                mkl_rt.cblas_sgemv(
                        mkl_rt.CblasRowMajor,
                        form(p.transposed()),
                        p.rows(),
                        p.columns(),
                        1f,
                        p.matrix(),
                        p.columns(),
                        p.vector(),
                        1,
                        0f,
                        c,
                        1);
    }

    private static int form(boolean transposed) {
        return transposed ? mkl_rt.CblasTrans : mkl_rt.CblasNoTrans;
    }

    private static Runnable gemm(Product p) {
        FloatPointer a = p.a();
        FloatPointer b = p.b();
        FloatPointer c = p.c();
        int m = p.m();
        int n = p.n();
        int k = p.k();
        int formA = form(p.transposedA());
        int formB = form(p.transposedB());
        int aRow = p.aRow();
        int bRow = p.bRow();
        return () -> {
            for (int i = 0; i < p.count(); i++) {
                a.position(i * p.aStep());
                b.position((long) i * k * n);
                c.position((long) i * m * n);
                mkl_rt.cblas_sgemm(
                        mkl_rt.CblasRowMajor,
                        formA,
                        formB,
                        m,
                        n,
                        k,
                        1f,
                        a,
                        aRow,
                        b,
                        bRow,
                        0f,
                        c,
                        n);
            }
        };
    }

    private static Runnable batch(Product p) {
        FloatPointer a = p.a();
        FloatPointer b = p.b();
        FloatPointer c = p.c();
        return () ->
                mkl_rt.cblas_sgemm_batch_strided(
                        mkl_rt.CblasRowMajor,
                        form(p.transposedA()),
                        form(p.transposedB()),
                        p.m(),
                        p.n(),
                        p.k(),
                        1f,
                        a,
                        p.aRow(),
                        Math.toIntExact(p.aStep()),
                        b,
                        p.bRow(),
                        p.k() * p.n(),
                        0f,
                        c,
                        p.n(),
                        p.m() * p.n(),
                        p.count());
    }

    /** With the weights, A or B, packed now. */
    private static Runnable packed(Product p, Arena arena) {
        boolean packsA = p.weights() == Product.Weights.A;
        int m = p.m();
        int n = p.n();
        int k = p.k();
        int which = packsA ? mkl_rt.CblasAMatrix : mkl_rt.CblasBMatrix;
        MemorySegment room =
                arena.allocate(mkl_rt.cblas_sgemm_pack_get_size(which, m, n, k) + 64, 64);
        FloatPointer packed = NativePointer.of(room);
        mkl_rt.cblas_sgemm_pack(
                mkl_rt.CblasRowMajor,
                which,
                form(packsA ? p.transposedA() : p.transposedB()),
                m,
                n,
                k,
                1f,
                packsA ? p.a() : p.b(),
                packsA ? p.aRow() : p.bRow(),
                packed);
        FloatPointer a = packsA ? packed : p.a();
        FloatPointer b = packsA ? p.b() : packed;
        FloatPointer c = p.c();
        int formA = packsA ? mkl_rt.CblasPacked : form(p.transposedA());
        int formB = packsA ? form(p.transposedB()) : mkl_rt.CblasPacked;
        int aRow = p.aRow();
        int bRow = p.bRow();
        return () -> {
            for (int i = 0; i < p.count(); i++) {
                if (packsA) {
                    b.position((long) i * k * n);
                }
                c.position((long) i * m * n);
                mkl_rt.cblas_sgemm_compute(
                        mkl_rt.CblasRowMajor, formA, formB, m, n, k, a, aRow, b, bRow, 0f, c, n);
            }
        };
    }
}
