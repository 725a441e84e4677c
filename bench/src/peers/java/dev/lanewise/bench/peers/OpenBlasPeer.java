package dev.lanewise.bench.peers;

import dev.lanewise.bench.peers.Fastest.Form;
import dev.lanewise.bench.work.Peer;
import dev.lanewise.bench.work.Work;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.global.openblas_nolapack;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * OpenBLAS: matrix products, and pointwise convolutions, which are some. A single row or column
 * goes through the faster of {@code sgemm} and {@code sgemv}, the latter also with a row's weights
 * transposed before the call. It can't pack beforehand.
 */
public final class OpenBlasPeer implements Peer {
    @Override
    public String name() {
        return "openblas";
    }

    @Override
    public boolean supports(Work work) {
        return Product.is(work);
    }

    @Override
    public Runnable prepare(Work work, Work.Data data, Arena arena) {
        openblas_nolapack.blas_set_num_threads(Peer.threads());
        Product product = Product.of(work, data);
        if (!product.isMatrixVector()) {
            return gemm(product);
        }
        List<Form> forms = new ArrayList<>();
        forms.add(new Form("sgemm", gemm(product)));
        forms.add(new Form("sgemv", gemv(product, product.matrixVector())));
        if (product.copiesWeights()) {
            forms.add(
                    new Form("sgemv-transposed", gemv(product, product.matrixVectorCopied(arena))));
        }
        return Fastest.of("openblas " + work.id(), forms);
    }

    private static Runnable gemv(Product product, Product.MatrixVector p) {
        FloatPointer c = product.c();
        return () ->
                openblas.cblas_sgemv(
                        openblas.CblasRowMajor,
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
        return transposed ? openblas.CblasTrans : openblas.CblasNoTrans;
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
                openblas.cblas_sgemm(
                        openblas.CblasRowMajor,
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
}
