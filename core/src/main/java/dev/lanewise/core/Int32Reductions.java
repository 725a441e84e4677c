package dev.lanewise.core;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reductions of int32 tensors over any axes: plain loops for indices and labels, never hot. */
final class Int32Reductions {

    /** How elements are put together, in a long, so that no step overflows. */
    private enum Fold {
        SUM(0),
        MAX(Long.MIN_VALUE),
        MIN(Long.MAX_VALUE);

        private final long identity;

        Fold(long identity) {
            this.identity = identity;
        }

        long of(MemorySegment x, long offset, long n) {
            long result = identity;
            for (long i = 0; i < n; i++) {
                int value = x.getAtIndex(ValueLayout.JAVA_INT, offset + i);
                result =
                        switch (this) {
                            case SUM -> result + value;
                            case MAX -> Math.max(result, value);
                            case MIN -> Math.min(result, value);
                        };
            }
            return result;
        }
    }

    private Int32Reductions() {}

    /** The reduction called sum, max or min. */
    static Tensor fold(String name, Tensor x, int[] axes, boolean keepDim, Tensor out) {
        ReducedAxes reduced = new ReducedAxes(name, x.shape(), axes, keepDim);
        Fold fold =
                switch (name) {
                    case "sum" -> Fold.SUM;
                    case "max" -> Fold.MAX;
                    case "min" -> Fold.MIN;
                    default -> throw new AssertionError(name);
                };
        if (fold != Fold.SUM && reduced.count == 0 && !reduced.result.isEmpty()) {
            throw new ShapeException(
                    "%s: no int32 is the %s of no elements: %s".formatted(name, name, x.shape()));
        }
        if (out != null) {
            Operands.checkOut(name, out, reduced.result, ElementType.INT32);
        }
        int[] results = new int[Math.toIntExact(reduced.result.elements())];
        try (Scope _ = Scope.open()) {
            Tensor rows = x.permute(reduced.keptFirst()).contiguous();
            rows.acquire(name);
            try {
                for (int i = 0; i < results.length; i++) {
                    long from = rows.offset() + i * reduced.count;
                    results[i] = int32(name, fold.of(rows.segment(), from, reduced.count));
                }
            } finally {
                rows.release();
            }
        }
        return (out == null ? Operands.result(name, reduced.result, ElementType.INT32) : out)
                .copyFrom(results);
    }

    private static int int32(String name, long value) {
        if (value != (int) value) {
            throw new ArgumentException(
                    "%s: the result %d does not fit int32; convert with toFloat()"
                            .formatted(name, value));
        }
        return (int) value;
    }
}
