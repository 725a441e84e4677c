package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * One product C = f(alpha · A × B + beta · C + bias) of matrices or broadcast batches of them: A:
 * [..., m, k], B: [..., k, n], C: [..., m, n], bias: [n]; shapes are checked and memory is held. B
 * may be packed: then it is one matrix for all batches.
 *
 * <p>Strides of A and B go to the kernel as they are. Several threads take tiles of C, which is cut
 * by its shape alone; a single one takes it whole, to the same bits ({@link Gemm}).
 */
final class MatrixProduct {
    private static final Gemm KERNEL = KERNELS.gemm();

    /** The least multiply-adds that are worth a hand-over to another thread. */
    private static final long GRAIN = 1 << 20;

    /** C is cut into so many tiles, or as many as it has areas of this size. */
    private static final long TILES = 4;

    private static final long AREA = 512 * 256;

    private final float alpha;
    private final boolean packed;
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
            boolean packed,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor out) {
        this.alpha = alpha;
        this.packed = packed;
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
        long batches = cLayout.shape().elements() / (m * n);
        long work = Math.max(1, m * n * k);
        Tiles tiles =
                Parallel.isAlone()
                        ? new Tiles(m, n, 1, 1)
                        : Tiles.of(m, n, work, copies(aLayout), copies(bLayout));
        long grain = tiles.count() > 1 ? 1 : Math.max(1, GRAIN / work);
        Parallel.pieces(
                batches * tiles.count(),
                grain,
                (from, to) -> {
                    long size = KERNEL.workspaceSize(tiles.mostRows(), tiles.mostColumns(), k);
                    try (Block workspace = Block.scratch(size)) {
                        for (long i = from; i < to; i++) {
                            multiply(i / tiles.count(), tiles, i % tiles.count(), workspace);
                        }
                    }
                });
    }

    private static boolean copies(Layout layout) {
        long[] strides = layout.strides();
        return strides[strides.length - 1] != 1;
    }

    /**
     * How C: [m, n] is cut: into a grid of tiles that are whole micro-tiles but for the last row
     * and column of the grid, which also take what remains and so are never smaller than a
     * micro-tile.
     *
     * @param m the rows of C
     * @param n the columns of C
     * @param down the tiles along m
     * @param across the tiles along n
     */
    record Tiles(long m, long n, long down, long across) {

        /**
         * The tiles for so many multiply-adds: none has fewer than {@link #GRAIN}, and few enough
         * that operands which the kernel copies into panels are seldom copied twice. Such is a B
         * without unit column stride, whole for each cut between rows, and such an A for each cut
         * between columns.
         */
        static Tiles of(long m, long n, long work, boolean copiesA, boolean copiesB) {
            long wanted = Math.min(work / GRAIN, Math.max(TILES, m * n / AREA));
            long mostDown = m / ((copiesB ? 16L : 8L) * KERNEL.tileRows());
            long mostAcross = n / ((copiesA ? 6L : 1L) * KERNEL.tileColumns());
            if (copiesA && !copiesB) {
                long down = atMost(wanted, mostDown);
                return new Tiles(m, n, down, atMost(wanted / down, mostAcross));
            }
            Tiles wide = wide(m, n, wanted);
            if (!copiesB && wide.count() >= Math.min(wanted, TILES)) {
                return wide;
            }
            long across = atMost(wanted, mostAcross);
            return new Tiles(m, n, atMost(wanted / across, mostDown), across);
        }

        /**
         * Tiles so wide that the kernel packs the rows of A, which it reads faster then if they are
         * far apart, and high enough for packing B in each of them.
         */
        private static Tiles wide(long m, long n, long wanted) {
            long across = atMost(wanted, n / (6L * KERNEL.tileColumns()));
            return new Tiles(m, n, atMost(wanted / across, m / (32L * KERNEL.tileRows())), across);
        }

        private static long atMost(long wanted, long most) {
            return Math.max(1, Math.min(wanted, most));
        }

        long count() {
            return down * across;
        }

        /** The first row of the tiles with this number along m. */
        long row(long number) {
            return start(number, down, m, KERNEL.tileRows());
        }

        /** The first column of the tiles with this number along n. */
        long column(long number) {
            return start(number, across, n, KERNEL.tileColumns());
        }

        private static long start(long number, long parts, long size, int unit) {
            return number == parts ? size : size / unit * number / parts * unit;
        }

        long mostRows() {
            return Math.min(m, m / down + 2L * KERNEL.tileRows());
        }

        long mostColumns() {
            return Math.min(n, n / across + 2L * KERNEL.tileColumns());
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

    /** One tile of one product. */
    private void multiply(long batch, Tiles tiles, long tile, Block workspace) {
        long down = tile / tiles.across();
        long across = tile % tiles.across();
        long firstRow = tiles.row(down);
        long rows = tiles.row(down + 1) - firstRow;
        long firstColumn = tiles.column(across);
        long columns = tiles.column(across + 1) - firstColumn;
        int rank = cLayout.shape().rank();
        long aRow = aLayout.strides()[rank - 2];
        long aColumn = aLayout.strides()[rank - 1];
        long bRow = bLayout.strides()[rank - 2];
        long bColumn = bLayout.strides()[rank - 1];
        long cRow = cLayout.strides()[rank - 2];
        long bAt = packed ? bLayout.offset() : place(bLayout, batch) + firstColumn * bColumn;
        kernel(
                alpha,
                a,
                a.base() + place(aLayout, batch) + firstRow * aRow,
                aRow,
                aColumn,
                b,
                b.base() + bAt,
                bRow,
                bColumn,
                packed ? n : 0,
                beta,
                bias,
                firstColumn,
                activation,
                rows,
                columns,
                k,
                workspace,
                c,
                c.base() + place(cLayout, batch) + firstRow * cRow + firstColumn,
                cRow);
    }

    /** The kernel for columns from {@code firstColumn} on; packedColumns is 0 if B isn't packed. */
    private static void kernel(
            float alpha,
            Block a,
            long aOffset,
            long aRow,
            long aColumn,
            Block b,
            long bOffset,
            long bRow,
            long bColumn,
            long packedColumns,
            float beta,
            Tensor bias,
            long firstColumn,
            FusedActivation activation,
            long m,
            long n,
            long k,
            Block workspace,
            Block c,
            long cOffset,
            long cRow) {
        boolean hasBias = bias != null;
        BiasAxis biasAxis = hasBias ? BiasAxis.COLUMNS : BiasAxis.NONE;
        MemorySegment biasSegment = hasBias ? bias.storage.segment() : c.segment();
        long biasOffset = hasBias ? bias.offset() + firstColumn : 0;
        if (packedColumns > 0) {
            KERNEL.gemmPackedB(
                    a.segment(),
                    aOffset,
                    aRow,
                    aColumn,
                    b.segment(),
                    bOffset,
                    packedColumns,
                    firstColumn,
                    biasAxis,
                    biasSegment,
                    biasOffset,
                    m,
                    n,
                    k,
                    alpha,
                    beta,
                    activation,
                    workspace.segment(),
                    workspace.base(),
                    c.segment(),
                    cOffset,
                    cRow);
            return;
        }
        KERNEL.gemm(
                a.segment(),
                aOffset,
                aRow,
                aColumn,
                b.segment(),
                bOffset,
                bRow,
                bColumn,
                biasAxis,
                biasSegment,
                biasOffset,
                m,
                n,
                k,
                alpha,
                beta,
                activation,
                workspace.segment(),
                workspace.base(),
                c.segment(),
                cOffset,
                cRow);
    }

    /**
     * Runs a product of rows with one matrix without a new object, if it is for one thread, or too
     * small to be cut, and rows are evenly spaced.
     *
     * @param b [k, n], or [n, k] if transposed
     * @return whether it did
     */
    static boolean ranWhole(
            float alpha,
            Tensor a,
            Tensor b,
            boolean transposed,
            boolean packed,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor out) {
        if (b.rank() != 2 || !hasEvenRows(a) || !hasEvenRows(out)) {
            return false;
        }
        long[] bStrides = b.layout().strides();
        long bRow = bStrides[transposed ? 1 : 0];
        long bColumn = bStrides[transposed ? 0 : 1];
        long k = b.size(transposed ? 1 : 0);
        long n = b.size(transposed ? 0 : 1);
        long m = n == 0 ? 0 : out.elements() / n;
        long cColumn = columnStride(out);
        if (m * n * k >= 2 * GRAIN && !Parallel.isAlone() || n > 1 && cColumn != 1) {
            return false;
        }
        if (m == 0) {
            return true;
        }
        try (Block workspace = Block.scratch(KERNEL.workspaceSize(m, n, k))) {
            kernel(
                    alpha,
                    a.storage,
                    a.offset(),
                    rowStride(a, k),
                    columnStride(a),
                    b.storage,
                    b.offset(),
                    bRow,
                    bColumn,
                    packed ? n : 0,
                    beta,
                    bias,
                    0,
                    activation,
                    m,
                    n,
                    k,
                    workspace,
                    out.storage,
                    out.offset(),
                    rowStride(out, n));
        }
        return true;
    }

    private static boolean hasEvenRows(Tensor t) {
        return t.rank() == 2 || t.rank() > 0 && t.isContiguous();
    }

    private static long rowStride(Tensor t, long columns) {
        return t.rank() == 2 ? t.layout().strides()[0] : columns;
    }

    private static long columnStride(Tensor t) {
        return t.rank() == 2 ? t.layout().strides()[1] : 1;
    }
}
