package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * One product C = f(alpha · A × B + beta · C + bias) of matrices or broadcast batches of them: A:
 * [..., m, k], B: [..., k, n], C: [..., m, n], bias: [n]; shapes are checked and memory is held.
 *
 * <p>Strides of A and B go to the kernel as they are. The kernel gives the same bits however C is
 * cut, so the number of threads may choose the pieces.
 */
final class MatrixProduct {
    private static final Gemm KERNEL = KERNELS.gemm();

    /** The least multiply-adds that are worth a hand-over to another thread. */
    private static final long GRAIN = 1 << 20;

    private final float alpha;
    private final float beta;
    private final FusedActivation activation;
    private final Tensor bias;
    private final Block a;
    private final Block b;
    private final Tensor out;
    private final long m;
    private final long n;
    private final long k;
    private Layout aLayout;
    private Layout bLayout;
    private Layout cLayout;
    private Block c;

    MatrixProduct(
            float alpha,
            Tensor a,
            Tensor b,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor out) {
        this.alpha = alpha;
        this.beta = beta;
        this.activation = activation;
        this.bias = bias;
        this.out = out;
        this.a = a.storage;
        this.b = b.storage;
        this.c = out.storage;
        this.cLayout = out.layout();
        this.k = a.size(-1);
        this.n = out.size(-1);
        Shape batch = out.shape().without(-1).without(-1);
        this.aLayout = batched(a, batch);
        this.bLayout = batched(b, batch);
        long rows = out.size(-2);
        if (batch.rank() > 0 && mergeBatchIntoRows(batch, rows)) {
            rows *= batch.elements();
        }
        this.m = rows;
    }

    private static Layout batched(Tensor t, Shape batch) {
        long[] sizes = Arrays.copyOf(batch.sizes(), batch.rank() + 2);
        sizes[batch.rank()] = t.size(-2);
        sizes[batch.rank() + 1] = t.size(-1);
        return Views.expanded("matmul", t.layout(), Shape.wrap(sizes));
    }

    /**
     * [B, m, k] × [k, n] is one product of B·m rows, where the rows of A and C are evenly spaced.
     */
    private boolean mergeBatchIntoRows(Shape batch, long rows) {
        for (int axis = 0; axis < batch.rank(); axis++) {
            if (bLayout.strides()[axis] != 0 && batch.sizes()[axis] != 1) {
                return false;
            }
        }
        long all = batch.elements() * rows;
        Layout left = Views.regroupedOrNull(aLayout, Shape.of(all, k));
        Layout result = Views.regroupedOrNull(cLayout, Shape.of(all, n));
        if (left == null || result == null) {
            return false;
        }
        int rank = bLayout.shape().rank();
        long[] strides = Arrays.copyOfRange(bLayout.strides(), rank - 2, rank);
        aLayout = left;
        cLayout = result;
        bLayout = new Layout(Shape.of(k, n), strides, bLayout.offset());
        return true;
    }

    void run() {
        if (out.elements() == 0) {
            return;
        }
        boolean gaps = n > 1 && cLayout.strides()[cLayout.shape().rank() - 1] != 1;
        if (!gaps) {
            runBatches();
            return;
        }
        try (Block scratch = Block.scratch(out.elements())) {
            Layout compact = Layout.contiguous(cLayout.shape());
            Layout target = cLayout;
            if (beta != 0) {
                Copies.move(out.storage, target, scratch, compact);
            }
            c = scratch;
            cLayout = compact;
            runBatches();
            Copies.move(scratch, compact, out.storage, target);
        }
    }

    private void runBatches() {
        int batchAxes = cLayout.shape().rank() - 2;
        long batches = cLayout.shape().elements() / (m * n);
        if (batches == 1) {
            runSplit(place(aLayout, 0), place(bLayout, 0), place(cLayout, 0));
            return;
        }
        assert batchAxes > 0;
        long grain = Math.max(1, GRAIN / Math.max(1, m * n * k));
        Parallel.Range some =
                (from, to) -> {
                    try (Block workspace = workspace(m, n)) {
                        for (long i = from; i < to; i++) {
                            multiply(
                                    place(aLayout, i),
                                    place(bLayout, i),
                                    place(cLayout, i),
                                    0,
                                    m,
                                    0,
                                    n,
                                    workspace);
                        }
                    }
                };
        if (Parallel.isWorthwhile(batches, grain)) {
            Parallel.range(batches, grain, some);
        } else {
            some.run(0, batches);
        }
    }

    /** The offset in the storage of a batch's first element. */
    private static long place(Layout layout, long batch) {
        long place = layout.offset();
        long rest = batch;
        for (int axis = layout.shape().rank() - 3; axis >= 0; axis--) {
            long size = layout.shape().sizes()[axis];
            place += rest % size * layout.strides()[axis];
            rest /= size;
        }
        return place;
    }

    /** One product, cut along its longer side: the shorter operand is the one packed twice. */
    private void runSplit(long aPlace, long bPlace, long cPlace) {
        boolean byRows = m >= n;
        long size = byRows ? m : n;
        int tile = byRows ? KERNEL.tileRows() : KERNEL.tileColumns();
        long pieces = Math.min(Parallel.threads(), Math.min(size / (2L * tile), m * n * k / GRAIN));
        if (pieces <= 1) {
            try (Block workspace = workspace(m, n)) {
                multiply(aPlace, bPlace, cPlace, 0, m, 0, n, workspace);
            }
            return;
        }
        long tiles = (size + tile - 1) / tile;
        Parallel.pieces(
                pieces,
                1,
                (piece, unused) -> {
                    long from = tiles * piece / pieces * tile;
                    long to = Math.min(tiles * (piece + 1) / pieces * tile, size);
                    long rows = byRows ? to - from : m;
                    long columns = byRows ? n : to - from;
                    try (Block workspace = workspace(rows, columns)) {
                        multiply(
                                aPlace,
                                bPlace,
                                cPlace,
                                byRows ? from : 0,
                                rows,
                                byRows ? 0 : from,
                                columns,
                                workspace);
                    }
                });
    }

    private Block workspace(long rows, long columns) {
        return Block.scratch(KERNEL.workspaceSize(rows, columns, k));
    }

    private void multiply(
            long aPlace,
            long bPlace,
            long cPlace,
            long firstRow,
            long rows,
            long firstColumn,
            long columns,
            Block workspace) {
        int rank = cLayout.shape().rank();
        long aRow = aLayout.strides()[rank - 2];
        long aColumn = aLayout.strides()[rank - 1];
        long bRow = bLayout.strides()[rank - 2];
        long bColumn = bLayout.strides()[rank - 1];
        long cRow = cLayout.strides()[rank - 2];
        boolean hasBias = bias != null;
        MemorySegment biasSegment = hasBias ? bias.storage.segment() : c.segment();
        KERNEL.gemm(
                a.segment(),
                a.base() + aPlace + firstRow * aRow,
                aRow,
                aColumn,
                b.segment(),
                b.base() + bPlace + firstColumn * bColumn,
                bRow,
                bColumn,
                hasBias ? BiasAxis.COLUMNS : BiasAxis.NONE,
                biasSegment,
                hasBias ? bias.offset() + firstColumn : 0,
                rows,
                columns,
                k,
                alpha,
                beta,
                activation,
                workspace.segment(),
                workspace.base(),
                c.segment(),
                c.base() + cPlace + firstRow * cRow + firstColumn,
                cRow);
    }
}
