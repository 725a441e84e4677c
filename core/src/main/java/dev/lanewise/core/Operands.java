package dev.lanewise.core;

import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Kernels;

/** What every operation does around its kernel calls: checks, results, holds on memory. */
final class Operands {
    /** The kernels of this JVM, a constant to the JIT. */
    static final Kernels KERNELS = Kernels.active();

    private Operands() {}

    /** A new float32 tensor in the current scope, with arbitrary content. */
    static Tensor result(String operation, Shape shape) {
        return result(operation, shape, ElementType.FLOAT32);
    }

    /** A new tensor in the current scope, with arbitrary content. */
    static Tensor result(String operation, Shape shape, ElementType type) {
        return Tensor.allocate(Scope.current(), shape, type, operation);
    }

    static void checkFloat(String operation, String name, Tensor tensor) {
        if (tensor.type() != ElementType.FLOAT32) {
            throw new ArgumentException(
                    "%s: %s must be float32, got %s %s; convert with toFloat()"
                            .formatted(operation, name, tensor.type(), tensor.shape()));
        }
    }

    static void checkInt(String operation, String name, Tensor tensor) {
        if (tensor.type() != ElementType.INT32) {
            throw new ArgumentException(
                    "%s: %s must be int32, got %s %s; convert with toInt()"
                            .formatted(operation, name, tensor.type(), tensor.shape()));
        }
    }

    /** Checks a float32 operand of shape [size], as another operand demands. */
    static void checkVector(
            String operation, String name, Tensor tensor, long size, String other, Shape shape) {
        checkFloat(operation, name, tensor);
        if (tensor.rank() != 1 || tensor.size(0) != size) {
            throw new ShapeException(
                    "%s: %s must be [%d], got %s, for %s %s"
                            .formatted(operation, name, size, tensor.shape(), other, shape));
        }
    }

    /** Checks an explicit output: shape, type, and that no two of its indices are one element. */
    static void checkOut(String operation, Tensor out, Shape shape, ElementType type) {
        if (!out.shape().equals(shape)) {
            throw new ShapeException(
                    "%s: out must be %s, got %s".formatted(operation, shape, out.shape()));
        }
        if (out.type() != type) {
            throw new ArgumentException(
                    "%s: out must be %s, got %s".formatted(operation, type, out.type()));
        }
        if (out.layout().repeats()) {
            throw new ArgumentException(
                    "%s: out is an expanded view, %s; its elements repeat"
                            .formatted(operation, out.layout()));
        }
    }

    /** Checks that there is an output, where the operation reads it, too. */
    static void checkUpdated(String operation, Tensor out) {
        if (out == null) {
            throw new ArgumentException(
                    "%s: out is null, but it is updated; pass a tensor".formatted(operation));
        }
    }

    /** Refuses a null before a kernel has written half of its result. */
    static void checkActivation(String operation, FusedActivation activation) {
        if (activation == null) {
            throw new ArgumentException(
                    operation + ": the activation is null; FusedActivation.NONE stands for none");
        }
    }

    /** Refuses an output that shares memory with an input. */
    static void checkApart(String operation, Tensor out, String name, Tensor in) {
        if (overlap(out, in)) {
            throw new ArgumentException(
                    "%s: out shares memory with %s; pass an output of its own"
                            .formatted(operation, name));
        }
    }

    /** Whether the ranges from the first to the last element of two tensors meet. */
    static boolean overlap(Tensor a, Tensor b) {
        return a.storage == b.storage
                && a.layout().lowest() <= b.layout().highest()
                && b.layout().lowest() <= a.layout().highest();
    }

    /** Whether writing b element by element may spoil elements of a that are still to be read. */
    static boolean clash(Tensor a, Tensor b) {
        return a.storage == b.storage && !a.layout().equals(b.layout()) && overlap(a, b);
    }

    // ---- holds: the memory stays while the operation runs ----

    static void hold(String operation, Tensor a) {
        a.storage.acquire(operation);
    }

    static void hold(String operation, Tensor a, Tensor b) {
        a.storage.acquire(operation);
        boolean done = false;
        try {
            b.storage.acquire(operation);
            done = true;
        } finally {
            if (!done) {
                a.storage.release();
            }
        }
    }

    static void hold(String operation, Tensor a, Tensor b, Tensor c) {
        hold(operation, a, b);
        boolean done = false;
        try {
            c.storage.acquire(operation);
            done = true;
        } finally {
            if (!done) {
                release(a, b);
            }
        }
    }

    static void hold(String operation, Tensor[] tensors) {
        int held = 0;
        try {
            while (held < tensors.length) {
                tensors[held].storage.acquire(operation);
                held++;
            }
        } finally {
            if (held < tensors.length) {
                while (held > 0) {
                    tensors[--held].storage.release();
                }
            }
        }
    }

    static void release(Tensor a) {
        a.storage.release();
    }

    static void release(Tensor a, Tensor b) {
        a.storage.release();
        b.storage.release();
    }

    static void release(Tensor a, Tensor b, Tensor c) {
        release(a, b);
        c.storage.release();
    }

    static void release(Tensor[] tensors) {
        for (Tensor tensor : tensors) {
            tensor.storage.release();
        }
    }
}
