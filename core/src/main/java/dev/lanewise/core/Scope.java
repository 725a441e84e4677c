package dev.lanewise.core;

import dev.lanewise.kernels.Backend;

import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * Owns the memory of tensors: created in a scope, they live until it closes.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *     Tensor a = scope.randn(Shape.of(512, 256), random);
 *     Tensor b = scope.randn(Shape.of(256, 128), random);
 *     Tensor c = a.matmul(b).relu();
 * }
 * }</pre>
 *
 * <p>{@link #open} makes the scope the <em>current</em> one of its thread; scopes nest and close in
 * reverse order. Results of operations go to the current scope, never to an operand's. {@link
 * #keep} moves a tensor to another scope, usually an outer one, so that it outlives its own. A
 * {@link #detached} scope belongs to no thread; it becomes current where it is {@linkplain #enter
 * entered}.
 *
 * <p>Tensors of any scope may be read on any thread. A scope that was opened can be closed, and
 * tensors created in it, by its own thread only. A close while an operation on another thread uses
 * one of its tensors fails and changes nothing.
 */
public final class Scope implements AutoCloseable {
    private static final ThreadLocal<Entry> CURRENT = new ThreadLocal<>();

    /** Holds memory for the instant between two owners. */
    private static final Scope TRANSIT = new Scope(null);

    /** The thread that opened it; null for a detached scope. */
    private final Thread owner;

    private final Entry entry;
    private Storage first;
    private volatile boolean closed;

    private Scope(Thread owner) {
        this.owner = owner;
        this.entry = owner == null ? null : new Entry(this, CURRENT.get());
    }

    /** A place in the thread's stack of current scopes; closing it makes the one below current. */
    public static final class Entry implements AutoCloseable {
        private final Scope scope;
        private final Entry below;

        private Entry(Scope scope, Entry below) {
            this.scope = scope;
            this.below = below;
        }

        /**
         * Makes the scope that was current before current again; closes no scope.
         *
         * @throws ScopeException if this is not the innermost entry of this thread
         */
        @Override
        public void close() {
            if (CURRENT.get() != this) {
                throw new ScopeException(
                        "Scope.Entry.close: not the innermost entry of this thread; leave in reverse"
                                + " order of entering, each once");
            }
            pop();
        }

        private void pop() {
            if (below == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(below);
            }
        }
    }

    /**
     * Opens a scope that belongs to this thread and makes it current.
     *
     * @throws IllegalStateException if the kernels that were {@linkplain Backend asked for} can't
     *     be had
     */
    public static Scope open() {
        // Here, where every use begins, rather than as the failed initializer of some class.
        Backend.active();
        Scope scope = new Scope(Thread.currentThread());
        CURRENT.set(scope.entry);
        return scope;
    }

    /**
     * A scope that belongs to no thread: any thread may create tensors in it and close it. Becomes
     * current by {@link #enter} only.
     *
     * @throws IllegalStateException if the kernels that were {@linkplain Backend asked for} can't
     *     be had
     */
    public static Scope detached() {
        Backend.active();
        return new Scope(null);
    }

    /**
     * The current scope of this thread.
     *
     * @throws ScopeException if there is none
     */
    public static Scope current() {
        Entry top = CURRENT.get();
        if (top == null) {
            throw new ScopeException(
                    "no scope is open on this thread; wrap the work in"
                            + " try (Scope scope = Scope.open()) { ... }");
        }
        return top.scope;
    }

    /** Whether this thread has a current scope. */
    public static boolean isAnyOpen() {
        return CURRENT.get() != null;
    }

    /** How many scopes are open or entered on this thread. */
    public static int depth() {
        int depth = 0;
        for (Entry e = CURRENT.get(); e != null; e = e.below) {
            depth++;
        }
        return depth;
    }

    /**
     * Makes this detached scope the current one of this thread, until the entry is closed.
     *
     * @throws ScopeException if it was opened by a thread, or is closed
     */
    public Entry enter() {
        if (owner != null) {
            throw new ScopeException(
                    "Scope.enter: only a detached scope can be entered; this one was opened by"
                            + " thread "
                            + owner.getName());
        }
        synchronized (this) {
            checkOpen("Scope.enter");
        }
        Entry entered = new Entry(this, CURRENT.get());
        CURRENT.set(entered);
        return entered;
    }

    boolean isOwnedByCurrentThread() {
        return owner == Thread.currentThread();
    }

    /** Whether the scope has been closed. */
    public boolean isClosed() {
        return closed;
    }

    /**
     * Moves a tensor's memory into this scope, with all its views; where it already is, nothing
     * happens.
     *
     * @return the same tensor
     * @throws ScopeException if either scope is closed or belongs to another thread, or a thread
     *     that one of them belongs to may be using the tensor
     */
    public Tensor keep(Tensor tensor) {
        Storage storage = tensor.storage;
        Scope from = storage.scope;
        if (from != this) {
            checkThread("Scope.keep");
            checkReleased(from, storage);
            from.remove(storage);
            boolean moved = false;
            try {
                add(storage, "Scope.keep");
                moved = true;
            } finally {
                if (!moved) {
                    from.add(storage, "Scope.keep");
                }
            }
        }
        tensor.checkLive("Scope.keep");
        return tensor;
    }

    /** A thread's use must end under the same ownership under which it began. */
    private void checkReleased(Scope from, Storage storage) {
        boolean leavesOwner = from.isOwnedByCurrentThread() && owner == null;
        boolean findsOwner = owner != null && from.owner != owner;
        if (leavesOwner && storage.isUsedByOwner() || findsOwner && storage.isUsedByOthers()) {
            throw new ScopeException(
                    "Scope.keep: the tensor is in use, between acquire and release; keep it before"
                            + " or after");
        }
    }

    private void remove(Storage storage) {
        if (owner != null) {
            checkThread("Scope.keep");
            unlink(storage);
        } else {
            synchronized (this) {
                unlink(storage);
            }
        }
    }

    private void unlink(Storage storage) {
        if (closed || storage.isClosed()) {
            throw Storage.closed("Scope.keep");
        }
        if (storage.scope != this || this == TRANSIT) {
            throw new ScopeException("Scope.keep: another thread is moving the same tensor");
        }
        storage.scope = TRANSIT;
        if (storage.previous == null) {
            first = storage.next;
        } else {
            storage.previous.next = storage.next;
        }
        if (storage.next != null) {
            storage.next.previous = storage.previous;
        }
        storage.previous = null;
        storage.next = null;
    }

    private void add(Storage storage, String operation) {
        if (owner != null) {
            link(storage, operation);
        } else {
            synchronized (this) {
                link(storage, operation);
            }
        }
    }

    private void link(Storage storage, String operation) {
        checkOpen(operation);
        storage.scope = this;
        storage.next = first;
        if (first != null) {
            first.previous = storage;
        }
        first = storage;
    }

    private void checkOpen(String operation) {
        if (closed) {
            throw new ScopeException(operation + ": the scope is closed");
        }
    }

    private void checkThread(String operation) {
        if (owner != null && owner != Thread.currentThread()) {
            throw new ScopeException(
                    "%s: the scope belongs to thread %s, this is %s; use Scope.detached() for scopes that threads share"
                            .formatted(
                                    operation, owner.getName(), Thread.currentThread().getName()));
        }
    }

    /** New memory for so many elements, with arbitrary content. */
    Storage allocate(long elements, String operation) {
        checkThread(operation);
        Storage storage = new Storage();
        Memory.take(storage, elements * ElementType.BYTES);
        boolean added = false;
        try {
            add(storage, operation);
            added = true;
        } finally {
            if (!added) {
                Memory.giveBack(storage);
            }
        }
        Leaks.allocated(storage);
        return storage;
    }

    /**
     * Gives all memory of the scope back. The tensors can't be used any more.
     *
     * @throws ScopeException if it is closed already, belongs to another living thread, is not the
     *     innermost open one of its thread, or an operation uses its memory; the scope is then as
     *     before
     */
    @Override
    public void close() {
        if (owner == null) {
            synchronized (this) {
                closeAll();
            }
            return;
        }
        boolean orphaned = owner != Thread.currentThread() && !owner.isAlive();
        if (orphaned) {
            synchronized (this) {
                closeAll();
            }
            return;
        }
        checkThread("Scope.close");
        checkNotClosed();
        if (CURRENT.get() != entry) {
            throw new ScopeException(
                    "Scope.close: not the innermost scope of this thread; close in reverse order of"
                            + " opening");
        }
        closeAll();
        entry.pop();
    }

    private void checkNotClosed() {
        if (closed) {
            throw new ScopeException("Scope.close: the scope is closed already");
        }
    }

    private void closeAll() {
        checkNotClosed();
        for (Storage storage = first; storage != null; storage = storage.next) {
            if (!storage.tryClose()) {
                for (Storage s = first; s != storage; s = s.next) {
                    s.reopen();
                }
                throw new ScopeException(
                        "Scope.close: an operation is using a tensor of this scope, here or on another"
                                + " thread; wait for it, or release what was acquired, before closing");
            }
        }
        closed = true;
        Storage storage = first;
        first = null;
        while (storage != null) {
            Storage next = storage.next;
            storage.next = null;
            storage.previous = null;
            Leaks.freed(storage);
            Memory.giveBack(storage);
            storage = next;
        }
    }

    // ---- accounting ----

    /** Bytes of tensor and scratch memory in use in the whole process, in whole blocks. */
    public static long liveBytes() {
        return Memory.live();
    }

    /** Bytes taken from the operating system: live ones and those cached for reuse. */
    public static long reservedBytes() {
        return Memory.reserved();
    }

    /** Returns cached memory that nobody uses to the operating system. */
    public static void trim() {
        Memory.trim();
    }

    // ---- creation ----

    /** A float32 tensor with arbitrary content. */
    public Tensor empty(Shape shape) {
        return empty(shape, ElementType.FLOAT32);
    }

    /** A tensor with arbitrary content. */
    public Tensor empty(Shape shape, ElementType type) {
        return Tensor.allocate(this, shape, type, "Scope.empty");
    }

    /** A float32 tensor of zeros. */
    public Tensor zeros(Shape shape) {
        return full(shape, 0);
    }

    /** A tensor of zeros. */
    public Tensor zeros(Shape shape, ElementType type) {
        return Copies.zero(empty(shape, type));
    }

    /** A float32 tensor of ones. */
    public Tensor ones(Shape shape) {
        return full(shape, 1);
    }

    /** A float32 tensor of one value. */
    public Tensor full(Shape shape, float value) {
        return Copies.fill(empty(shape), value);
    }

    /** A float32 scalar, shape []. */
    public Tensor scalar(float value) {
        return full(Shape.SCALAR, value);
    }

    /** A float32 vector of these values. */
    public Tensor of(float... values) {
        return of(values, Shape.of(given("of", values).length));
    }

    /**
     * A float32 tensor with these values in row-major order.
     *
     * @throws ShapeException if their number is not the shape's
     */
    public Tensor of(float[] values, Shape shape) {
        return empty(shape).copyFrom(given("of", values));
    }

    /** A float32 matrix from its rows. */
    public Tensor of(float[][] rows) {
        int columns = given("of", rows).length == 0 ? 0 : rows[0].length;
        Tensor matrix = empty(Shape.of(rows.length, columns));
        for (int i = 0; i < rows.length; i++) {
            matrix.select(0, i).copyFrom(rows[i]);
        }
        return matrix;
    }

    /** A float32 tensor with the buffer's remaining values in row-major order. */
    public Tensor of(FloatBuffer values, Shape shape) {
        return empty(shape).copyFrom(given("of", values));
    }

    /** An int32 vector of these values. */
    public Tensor ofInts(int... values) {
        return ofInts(values, Shape.of(given("ofInts", values).length));
    }

    /** An int32 tensor with these values in row-major order. */
    public Tensor ofInts(int[] values, Shape shape) {
        return empty(shape, ElementType.INT32).copyFrom(given("ofInts", values));
    }

    /** An int32 tensor with the buffer's remaining values in row-major order. */
    public Tensor ofInts(IntBuffer values, Shape shape) {
        return empty(shape, ElementType.INT32).copyFrom(given("ofInts", values));
    }

    private static <T> T given(String operation, T values) {
        if (values == null) {
            throw new ArgumentException(
                    "Scope.%s: the values are null; for a tensor of zeros call zeros(shape)"
                            .formatted(operation));
        }
        return values;
    }

    /** A float32 tensor with elements from N(0, 1). */
    public Tensor randn(Shape shape, RandomStream random) {
        return random.normal(empty(shape), 0, 1);
    }

    /** A float32 tensor with elements from U[low, high). */
    public Tensor uniform(Shape shape, float low, float high, RandomStream random) {
        return random.uniform(empty(shape), low, high);
    }

    /** 0, 1, ..., n − 1 as float32. */
    public Tensor arange(long n) {
        Tensor out = empty(Shape.of(n));
        for (long i = 0; i < n; i++) {
            out.segment().setAtIndex(ValueLayout.JAVA_FLOAT, out.offset() + i, i);
        }
        return out;
    }

    /** The float32 identity matrix [n, n]. */
    public Tensor eye(long n) {
        Tensor out = zeros(Shape.of(n, n));
        for (long i = 0; i < n; i++) {
            out.set(1, i, i);
        }
        return out;
    }
}
