package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.core.ElementwiseLoops.BinaryKernel;
import dev.lanewise.core.ElementwiseLoops.UnaryKernel;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * One application of an {@link ElementwiseChain}: its tensors, and the loop over blocks that stay
 * in the first-level cache from the first step to the last.
 *
 * <p>Use: the operands in order, then {@link #apply}, in try-with-resources.
 */
final class ChainRun implements Parallel.Range, AutoCloseable {

    /** One step on the running value v; both kinds may work in place. */
    sealed interface Step {
        /** The step as messages show it. */
        String text();

        /** out = f(v). */
        record Function(String text, UnaryKernel kernel) implements Step {}

        /** out = f(v, b), b being the next operand. */
        record Combination(String text, BinaryKernel kernel) implements Step {}
    }

    /**
     * Elements of a block: larger ones leave the cache between steps, smaller ones stop prefetches.
     */
    static final int BLOCK = 4096;

    private static final String NAME = "ElementwiseChain.apply";
    private static final ThreadLocal<Unused> UNUSED = ThreadLocal.withInitial(Unused::new);

    /** The closed runs of a thread, to use again: operations make no garbage. */
    private static final class Unused {
        ChainRun first;
    }

    /** A further operand: element i of x meets element {@code i % period} of it. */
    private static final class Operand {
        final String name;
        Tensor given;
        MemorySegment segment;
        long offset;
        long period;

        /** The elements that follow each other from the offset on, a period or more. */
        long reach;

        /** Holds the repeated elements of a period shorter than a block, else null. */
        Block tile;

        Operand(int index) {
            name = "operand " + (index + 1);
        }

        /** Finds the elements for x of n elements; short periods are repeated in scratch memory. */
        void place(long n) {
            segment = given.storage.segment();
            offset = given.offset();
            period = given.elements();
            reach = period;
            if (period < Math.min(n, BLOCK)) {
                repeat(Math.min(n, BLOCK + period));
            }
        }

        /** Makes any block find its elements in one piece. */
        private void repeat(long length) {
            tile = Block.scratch(length);
            MemorySegment to = tile.segment();
            long base = tile.base();
            KERNELS.data().copy(segment, offset, period, to, base);
            long filled = period;
            while (filled < length) {
                long n = Math.min(filled, length - filled);
                KERNELS.data().copy(to, base, n, to, base + filled);
                filled += n;
            }
            segment = to;
            offset = base;
            reach = length;
        }

        /** out = f(v, b) for the elements {@code first} to {@code first + n} of x. */
        void combine(
                BinaryKernel kernel,
                MemorySegment v,
                long vOffset,
                long first,
                long n,
                MemorySegment out,
                long outOffset) {
            for (long done = 0; done < n; ) {
                long start = (first + done) % period;
                long count = Math.min(n - done, reach - start);
                kernel.run(
                        v, vOffset + done, segment, offset + start, count, out, outOffset + done);
                done += count;
            }
        }

        void clear() {
            given = null;
            segment = null;
            if (tile != null) {
                tile.close();
                tile = null;
            }
        }
    }

    private final List<Operand> operands = new ArrayList<>(2);
    private int count;
    private Step[] steps;
    private MemorySegment in;
    private long inOffset;
    private MemorySegment out;
    private long outOffset;

    /** Whether out is an operand, too, so that steps before the last one must not write there. */
    private boolean outIsOperand;

    private ChainRun next;

    private ChainRun() {}

    /** For a chain of these steps, at least one. */
    static ChainRun of(Step[] steps) {
        Unused unused = UNUSED.get();
        ChainRun run = unused.first;
        if (run == null) {
            run = new ChainRun();
        } else {
            unused.first = run.next;
        }
        run.steps = steps;
        return run;
    }

    /** The next operand. */
    ChainRun operand(Tensor tensor) {
        if (count == operands.size()) {
            operands.add(new Operand(count));
        }
        operands.get(count++).given = tensor;
        return this;
    }

    /** Runs the steps on x into {@code result}, or a new tensor where that is null. */
    Tensor apply(Tensor x, Tensor result) {
        Operands.checkFloat(NAME, "x", x);
        checkOperands(x.shape());
        Tensor y = result == null ? Operands.result(NAME, x.shape()) : result;
        try (Staging staging = Staging.of(NAME)) {
            Tensor source = staging.input("x", x);
            for (int k = 0; k < count; k++) {
                Operand operand = operands.get(k);
                operand.given = staging.input(operand.name, repeatable(operand.given, x));
            }
            Tensor target = staging.elementwise(y, x.shape());
            long n = x.elements();
            outIsOperand = false;
            for (int k = 0; n > 0 && k < count; k++) {
                Operand operand = operands.get(k);
                outIsOperand |= Operands.overlap(operand.given, target);
                operand.place(n);
            }
            in = source.storage.segment();
            inOffset = source.offset();
            out = target.storage.segment();
            outOffset = target.offset();
            if (Parallel.isAlone()) {
                run(0, n);
            } else {
                Parallel.pieces(n, Parallel.ELEMENTS, this);
            }
            staging.finish();
        }
        return y;
    }

    private void checkOperands(Shape shape) {
        int wanted = 0;
        for (Step step : steps) {
            if (step instanceof Step.Combination) {
                wanted++;
            }
        }
        if (count != wanted) {
            throw new ArgumentException(
                    "%s: the steps %s take operands: %d, got %d"
                            .formatted(NAME, text(steps), wanted, count));
        }
        for (int k = 0; k < count; k++) {
            Operand operand = operands.get(k);
            Operands.checkFloat(NAME, operand.name, operand.given);
            if (!broadcasts(operand.given.shape(), shape)) {
                throw new ShapeException(
                        ("%s: %s, %s, does not broadcast to x, %s, whose shape the result has;"
                                        + " reshape the operand, or expand x")
                                .formatted(NAME, operand.name, operand.given.shape(), shape));
            }
        }
    }

    private static boolean broadcasts(Shape from, Shape to) {
        long[] small = from.sizes();
        long[] large = to.sizes();
        int added = large.length - small.length;
        for (int axis = 0; added >= 0 && axis < small.length; axis++) {
            if (small[axis] != 1 && small[axis] != large[axis + added]) {
                return false;
            }
        }
        return added >= 0;
    }

    /** The operand itself where x meets it from end to end, again and again; else expanded to x. */
    private static Tensor repeatable(Tensor operand, Tensor x) {
        long[] small = operand.shape().sizes();
        long[] large = x.shape().sizes();
        int added = large.length - small.length;
        int axis = small.length - 1;
        while (axis >= 0 && small[axis] == large[axis + added]) {
            axis--;
        }
        while (axis >= 0 && small[axis] == 1) {
            axis--;
        }
        return axis < 0 ? operand : Views.expand(operand, x.shape());
    }

    /** Runs the steps on a range, block by block; blocks don't meet, so that cuts change no bit. */
    @Override
    public void run(long from, long to) {
        if (from == to) {
            return;
        }
        if (outIsOperand && steps.length > 1) {
            try (Block scratch = Block.scratch(Math.min(BLOCK, to - from))) {
                MemorySegment memory = scratch.segment();
                for (long first = from; first < to; first += BLOCK) {
                    block(first, Math.min(BLOCK, to - first), memory, scratch.base());
                }
            }
        } else {
            for (long first = from; first < to; first += BLOCK) {
                block(first, Math.min(BLOCK, to - first), out, outOffset + first);
            }
        }
    }

    /** The first step reads x, the last one writes out, those between work at a given place. */
    private void block(long first, long n, MemorySegment between, long betweenOffset) {
        MemorySegment v = in;
        long vOffset = inOffset + first;
        int last = steps.length - 1;
        int operand = 0;
        for (int s = 0; s <= last; s++) {
            MemorySegment to = s == last ? out : between;
            long toOffset = s == last ? outOffset + first : betweenOffset;
            switch (steps[s]) {
                case Step.Function f -> f.kernel.run(v, vOffset, n, to, toOffset);
                case Step.Combination c ->
                        operands.get(operand++)
                                .combine(c.kernel, v, vOffset, first, n, to, toOffset);
            }
            v = to;
            vOffset = toOffset;
        }
    }

    /** The steps in order: {@code [multiply(2.0), sigmoid]}. */
    static String text(Step[] steps) {
        List<String> texts = new ArrayList<>();
        for (Step step : steps) {
            texts.add(step.text());
        }
        return texts.toString();
    }

    @Override
    public void close() {
        for (int k = 0; k < count; k++) {
            operands.get(k).clear();
        }
        count = 0;
        steps = null;
        in = null;
        out = null;
        Unused unused = UNUSED.get();
        next = unused.first;
        unused.first = this;
    }
}
