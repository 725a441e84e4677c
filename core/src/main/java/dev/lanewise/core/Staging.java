package dev.lanewise.core;

import java.util.ArrayList;
import java.util.List;

/**
 * Prepares the operands of one operation whose kernels need contiguous float32 data: checks them,
 * holds their memory, and stands in contiguous copies for those that are not.
 *
 * <p>Use: inputs, then outputs, then kernels, then {@link #finish}, all in try-with-resources.
 */
final class Staging implements AutoCloseable {
    private static final ThreadLocal<Unused> UNUSED = ThreadLocal.withInitial(Unused::new);

    /** The closed stagings of a thread, to use again: operations make no garbage. */
    private static final class Unused {
        Staging first;
    }

    private String operation;
    private Staging next;
    private final List<Tensor> held = new ArrayList<>(6);
    private final List<String> names = new ArrayList<>(6);
    private final List<Tensor[]> replaced = new ArrayList<>(0);
    private Scope scratch;

    private Staging() {}

    /** For an operation of this name. */
    static Staging of(String operation) {
        Unused unused = UNUSED.get();
        Staging staging = unused.first;
        if (staging == null) {
            staging = new Staging();
        } else {
            unused.first = staging.next;
        }
        staging.operation = operation;
        return staging;
    }

    /** A contiguous float32 input. */
    Tensor input(String name, Tensor t) {
        Operands.checkFloat(operation, name, t);
        return compact(name, t);
    }

    /** A contiguous int32 input. */
    Tensor indices(String name, Tensor t) {
        Operands.checkInt(operation, name, t);
        return compact(name, t);
    }

    private Tensor compact(String name, Tensor t) {
        hold(name, t);
        return t.isContiguous() ? t : Copies.copy(t, scratch().empty(t.shape(), t.type()));
    }

    private void hold(String name, Tensor t) {
        t.storage.acquire(operation);
        held.add(t);
        names.add(name);
    }

    private Scope scratch() {
        if (scratch == null) {
            scratch = Scope.open();
        }
        return scratch;
    }

    /** A checked float32 output that shares no memory with the inputs, but for one it may equal. */
    Tensor output(Tensor out, Shape shape, Tensor mayBe) {
        return output(out, shape, ElementType.FLOAT32, mayBe, false);
    }

    /** A checked float32 output that shares no memory with the inputs. */
    Tensor output(Tensor out, Shape shape) {
        return output(out, shape, ElementType.FLOAT32, null, false);
    }

    /** A checked float32 output whose content the kernel reads, too. */
    Tensor updated(Tensor out, Shape shape) {
        return output(out, shape, ElementType.FLOAT32, null, true);
    }

    /** A checked output of some type that shares no memory with the inputs. */
    Tensor output(Tensor out, Shape shape, ElementType type) {
        return output(out, shape, type, null, false);
    }

    /** A checked float32 output that is one of the inputs or shares no memory with it, each. */
    Tensor elementwise(Tensor out, Shape shape) {
        Operands.checkOut(operation, out, shape, ElementType.FLOAT32);
        for (int i = 0; i < held.size(); i++) {
            if (!isSame(out, held.get(i))) {
                Operands.checkApart(operation, out, names.get(i), held.get(i));
            }
        }
        return standIn(out, shape, ElementType.FLOAT32, false);
    }

    private static boolean isSame(Tensor a, Tensor b) {
        return a.storage == b.storage && a.layout().equals(b.layout());
    }

    private Tensor output(Tensor out, Shape shape, ElementType type, Tensor mayBe, boolean read) {
        Operands.checkOut(operation, out, shape, type);
        boolean same = mayBe != null && isSame(out, mayBe);
        for (int i = 0; i < held.size(); i++) {
            Tensor other = held.get(i);
            if (!same || !isSame(out, other)) {
                Operands.checkApart(operation, out, names.get(i), other);
            }
        }
        return standIn(out, shape, type, read);
    }

    private Tensor standIn(Tensor out, Shape shape, ElementType type, boolean read) {
        hold("another output", out);
        if (out.isContiguous()) {
            return out;
        }
        Tensor standIn = scratch().empty(shape, type);
        if (read) {
            Copies.copy(out, standIn);
        }
        replaced.add(new Tensor[] {standIn, out});
        return standIn;
    }

    /** Writes what the kernels left in stand-ins to the outputs. */
    void finish() {
        for (int i = 0; i < replaced.size(); i++) {
            Tensor[] pair = replaced.get(i);
            Copies.copy(pair[0], pair[1]);
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < held.size(); i++) {
            held.get(i).storage.release();
        }
        held.clear();
        names.clear();
        replaced.clear();
        Scope opened = scratch;
        scratch = null;
        Unused unused = UNUSED.get();
        next = unused.first;
        unused.first = this;
        if (opened != null) {
            opened.close();
        }
    }
}
