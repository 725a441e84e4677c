package dev.lanewise.core;

import java.lang.foreign.ValueLayout;
import java.util.Locale;

/**
 * The text of a tensor as NumPy lays it out: rows in brackets, columns aligned, the middle of long
 * axes left out above {@value #SUMMARIZED} elements.
 */
final class TensorText {
    private static final long SUMMARIZED = 1000;
    private static final int EDGE = 3;
    private static final int LINE = 96;

    private final Tensor tensor;
    private final boolean summarized;
    private final String format;
    private int width;

    private TensorText(Tensor tensor) {
        this.tensor = tensor;
        this.summarized = tensor.elements() > SUMMARIZED;
        Range range = new Range();
        visit(0, tensor.layout().offset(), range);
        this.format = range.format();
        visit(0, tensor.layout().offset(), v -> width = Math.max(width, text(v).length()));
    }

    static String of(Tensor tensor) {
        String head = "Tensor" + tensor.shape() + " " + tensor.type();
        if (tensor.isClosed()) {
            return head + " (its scope is closed)";
        }
        if (tensor.shape().isEmpty()) {
            return head + " []";
        }
        tensor.acquire("toString");
        try {
            StringBuilder out = new StringBuilder(head);
            out.append(tensor.rank() < 2 ? ' ' : '\n');
            new TensorText(tensor).append(0, tensor.layout().offset(), out);
            return out.toString();
        } finally {
            tensor.release();
        }
    }

    private interface Visitor {
        void value(double value);
    }

    /** What the shown values have in common, and from that the format of all of them. */
    private static final class Range implements Visitor {
        private double largest;
        private double smallest = Double.MAX_VALUE;
        private boolean whole = true;

        @Override
        public void value(double value) {
            double size = Math.abs(value);
            if (size > 0 && size <= Double.MAX_VALUE) {
                largest = Math.max(largest, size);
                smallest = Math.min(smallest, size);
            }
            whole &= value == Math.rint(value) || !(size <= Double.MAX_VALUE);
        }

        String format() {
            if (whole && largest < 1e8) {
                return "%.0f";
            }
            return largest >= 1e8 || smallest < 1e-4 && largest < 1e-1 || largest / smallest > 1e6
                    ? "%.4e"
                    : "%.4f";
        }
    }

    private String text(double value) {
        if (tensor.type() == ElementType.INT32) {
            return Integer.toString((int) value);
        }
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        String digits = String.format(Locale.ROOT, format, value);
        return format.equals("%.0f") ? digits + "." : digits;
    }

    private double value(long place) {
        long index = tensor.storage.base() + place;
        return tensor.type() == ElementType.FLOAT32
                ? tensor.storage.segment().getAtIndex(ValueLayout.JAVA_FLOAT, index)
                : tensor.storage.segment().getAtIndex(ValueLayout.JAVA_INT, index);
    }

    private boolean isSkipped(long i, long size) {
        return summarized && size > 2 * EDGE + 1 && i >= EDGE && i < size - EDGE;
    }

    private void visit(int axis, long place, Visitor visitor) {
        if (axis == tensor.rank()) {
            visitor.value(value(place));
            return;
        }
        long size = tensor.size(axis);
        for (long i = 0; i < size; i++) {
            if (isSkipped(i, size)) {
                i = size - EDGE - 1;
            } else {
                visit(axis + 1, place + i * tensor.layout().strides()[axis], visitor);
            }
        }
    }

    private void append(int axis, long place, StringBuilder out) {
        if (axis == tensor.rank()) {
            out.append(text(value(place)));
            return;
        }
        boolean innermost = axis == tensor.rank() - 1;
        long size = tensor.size(axis);
        long stride = tensor.layout().strides()[axis];
        String indent = " ".repeat(axis + 1);
        String between = innermost ? " " : "\n".repeat(tensor.rank() - 1 - axis) + indent;
        int column = indent.length();
        out.append('[');
        for (long i = 0; i < size; i++) {
            if (i > 0) {
                boolean full = innermost && column + width + 1 > LINE;
                out.append(full ? "\n" + indent : between);
                column = full ? indent.length() : column;
            }
            if (isSkipped(i, size)) {
                out.append("...");
                column += 4;
                i = size - EDGE - 1;
            } else if (innermost) {
                String text = text(value(place + i * stride));
                out.append(" ".repeat(width - text.length())).append(text);
                column += width + 1;
            } else {
                append(axis + 1, place + i * stride, out);
            }
        }
        out.append(']');
    }
}
