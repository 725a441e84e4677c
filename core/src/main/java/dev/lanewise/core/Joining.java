package dev.lanewise.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Joins tensors of one type along an axis, and cuts them apart again. */
public final class Joining {
    private Joining() {}

    /**
     * The tensors behind each other along an existing axis; the other sizes must agree.
     *
     * @throws ShapeException if they don't, or there are no tensors
     */
    public static Tensor concat(int axis, Tensor... tensors) {
        return concat(axis, List.of(tensors));
    }

    /** {@link #concat(int, Tensor...)} of a list. */
    public static Tensor concat(int axis, List<Tensor> tensors) {
        Shape shape = concatShape(axis, tensors);
        return concat(axis, tensors, Operands.result("concat", shape, tensors.getFirst().type()));
    }

    /** out = the tensors behind each other along an axis; out shares no memory with them. */
    public static Tensor concat(int axis, List<Tensor> tensors, Tensor out) {
        Shape shape = concatShape(axis, tensors);
        Operands.checkOut("concat", out, shape, tensors.getFirst().type());
        int at = shape.axis("concat", axis);
        for (int i = 0; i < tensors.size(); i++) {
            Operands.checkApart("concat", out, "tensor " + i, tensors.get(i));
        }
        long from = 0;
        for (Tensor tensor : tensors) {
            long to = from + tensor.size(at);
            Copies.copy(tensor, Views.slice(out, at, from, to, 1));
            from = to;
        }
        return out;
    }

    private static Shape concatShape(int axis, List<Tensor> tensors) {
        if (tensors.isEmpty()) {
            throw new ShapeException("concat: no tensors");
        }
        Tensor first = tensors.getFirst();
        int at = first.shape().axis("concat", axis);
        long total = 0;
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.get(i);
            checkType("concat", first, i, tensor);
            if (tensor.rank() != first.rank()
                    || !tensor.shape().with(at, 0).equals(first.shape().with(at, 0))) {
                throw new ShapeException(
                        "concat: tensor %d differs in more than axis %d: %s and %s"
                                .formatted(i, at, first.shape(), tensor.shape()));
            }
            total += tensor.size(at);
        }
        return first.shape().with(at, total);
    }

    private static void checkType(String name, Tensor first, int i, Tensor tensor) {
        if (tensor.type() != first.type()) {
            throw new ArgumentException(
                    "%s: tensor %d is %s, tensor 0 is %s"
                            .formatted(name, i, tensor.type(), first.type()));
        }
    }

    /**
     * The tensors, all of one shape, along a new axis at this place; −1 appends it.
     *
     * @throws ShapeException if the shapes differ, or there are no tensors
     */
    public static Tensor stack(int axis, Tensor... tensors) {
        return stack(axis, List.of(tensors));
    }

    /** {@link #stack(int, Tensor...)} of a list. */
    public static Tensor stack(int axis, List<Tensor> tensors) {
        return concat(axis, columns(axis, tensors));
    }

    /** out = the tensors along a new axis; out shares no memory with them. */
    public static Tensor stack(int axis, List<Tensor> tensors, Tensor out) {
        return concat(axis, columns(axis, tensors), out);
    }

    private static List<Tensor> columns(int axis, List<Tensor> tensors) {
        List<Tensor> views = new ArrayList<>();
        for (Tensor tensor : tensors) {
            Shape first = tensors.getFirst().shape();
            if (!tensor.shape().equals(first)) {
                throw new ShapeException(
                        "stack: tensor %d has another shape: %s and %s"
                                .formatted(views.size(), first, tensor.shape()));
            }
            views.add(tensor.unsqueeze(axis));
        }
        return views;
    }

    /**
     * Views of the parts of these sizes along an axis, in order.
     *
     * @throws ShapeException if the sizes don't add up to the axis
     */
    public static List<Tensor> split(Tensor x, int axis, long... sizes) {
        int at = x.shape().axis("split", axis);
        long total = 0;
        for (long size : sizes) {
            if (size < 0) {
                throw new ShapeException("split: negative size " + size);
            }
            total += size;
        }
        if (total != x.size(at)) {
            throw new ShapeException(
                    "split: sizes add up to %d, axis %d has %d: %s"
                            .formatted(total, at, x.size(at), x.shape()));
        }
        List<Tensor> parts = new ArrayList<>();
        long from = 0;
        for (long size : sizes) {
            parts.add(x.slice(at, from, from + size));
            from += size;
        }
        return parts;
    }

    /** Views of {@code parts} parts of equal size along an axis. */
    public static List<Tensor> chunk(Tensor x, int axis, int parts) {
        int at = x.shape().axis("chunk", axis);
        if (parts < 1 || x.size(at) % parts != 0) {
            throw new ShapeException(
                    "chunk: axis %d of %s does not part into %d equal parts"
                            .formatted(at, x.shape(), parts));
        }
        long[] sizes = new long[parts];
        Arrays.fill(sizes, x.size(at) / parts);
        return split(x, at, sizes);
    }
}
