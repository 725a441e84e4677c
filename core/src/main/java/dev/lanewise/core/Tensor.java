package dev.lanewise.core;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * An n-dimensional array of float32 or int32 in off-heap memory: a {@link Layout} over storage that
 * a {@link Scope} owns. Views (reshape, transpose, slice, ...) share the storage of their source.
 *
 * <p>Operations are short forms of the static methods of their families ({@link Elementwise},
 * {@link Transcendentals}, {@link Activations}, {@link Comparisons}, {@link Reductions}, {@link
 * MatMul}, {@link Joining}, {@link Indexing}), where the forms with an explicit output are. Results
 * go to the current scope.
 *
 * <p>Equality and hash are those of the object; contents are compared by {@link
 * #contentEquals(Tensor)} and {@link #allClose(Tensor, float, float)}.
 */
public final class Tensor extends FluentOperations {
    final Storage storage;
    private final Layout layout;
    private final ElementType type;

    Tensor(Storage storage, Layout layout, ElementType type) {
        this.storage = storage;
        this.layout = layout;
        this.type = type;
    }

    static Tensor allocate(Scope scope, Shape shape, ElementType type, String operation) {
        return allocate(scope, Layout.contiguous(shape), type, operation);
    }

    /** A new tensor with a contiguous layout at offset 0. */
    static Tensor allocate(Scope scope, Layout layout, ElementType type, String operation) {
        assert layout.isContiguous() && layout.offset() == 0;
        return new Tensor(scope.allocate(layout.shape().elements(), operation), layout, type);
    }

    /** A view with another layout over the same storage. */
    Tensor view(Layout other) {
        checkLive("view");
        return new Tensor(storage, other, type);
    }

    // ---- what it is ----

    /** The sizes along the axes. */
    public Shape shape() {
        return layout.shape();
    }

    /** The number of axes. */
    public int rank() {
        return layout.shape().rank();
    }

    /** The size along an axis; negative axes count from the end. */
    public long size(int axis) {
        return layout.shape().size(axis);
    }

    /** The number of elements. */
    public long elements() {
        return layout.shape().elements();
    }

    /** The type of the elements. */
    public ElementType type() {
        return type;
    }

    /** Where the elements lie in the storage. */
    public Layout layout() {
        return layout;
    }

    /** Whether the elements lie side by side in row-major order. */
    public boolean isContiguous() {
        return layout.isContiguous();
    }

    /** The scope that owns the memory. */
    public Scope scope() {
        return storage.scope;
    }

    /** Whether this tensor and the other one are views of the same storage. */
    public boolean sharesMemoryWith(Tensor other) {
        return storage == other.storage;
    }

    /** Whether the memory has been given back. */
    public boolean isClosed() {
        return storage.isClosed();
    }

    /**
     * The segment that holds the elements, for kernel calls; only with {@link #offset()} and the
     * strides does it mean anything. Nothing stops the scope from closing meanwhile: keep the
     * memory with {@link #acquire} around the calls.
     *
     * @throws ScopeException if the scope is closed
     */
    public MemorySegment segment() {
        checkLive("Tensor.segment");
        return storage.segment();
    }

    /** The offset of the first element in {@link #segment()}, in elements. */
    public long offset() {
        return storage.base() + layout.offset();
    }

    /**
     * Keeps the memory until {@link #release}: a scope can't close in between. For code that calls
     * kernels itself, in the form {@code t.acquire("name"); try { ... } finally { t.release(); }},
     * both on one thread.
     *
     * @throws ScopeException if the scope is closed; the message names the operation
     */
    public void acquire(String operation) {
        storage.acquire(operation);
    }

    /** Ends {@link #acquire}. */
    public void release() {
        storage.release();
    }

    void checkLive(String operation) {
        if (storage.isClosed()) {
            throw Storage.closed(operation);
        }
    }

    // ---- elements ----

    /**
     * The only element, as a float; {@link #intItem} is exact for int32.
     *
     * @throws ShapeException if there isn't exactly one
     */
    public float item() {
        if (elements() != 1) {
            throw new ShapeException("item: needs exactly one element: " + shape());
        }
        return read("item", layout.offset());
    }

    /**
     * The only element, as an int (a float is rounded toward zero).
     *
     * @throws ShapeException if there isn't exactly one
     */
    public int intItem() {
        if (elements() != 1) {
            throw new ShapeException("intItem: needs exactly one element: " + shape());
        }
        return intAt(new long[rank()]);
    }

    /** One element, as a float; negative indices count from the end. */
    public float at(long... index) {
        return read("at", Views.place("at", layout, index));
    }

    /** One element, as an int (floats are rounded toward zero). */
    public int intAt(long... index) {
        long place = Views.place("intAt", layout, index);
        storage.acquire("intAt");
        try {
            return type == ElementType.INT32
                    ? storage.segment().getAtIndex(ValueLayout.JAVA_INT, storage.base() + place)
                    : (int)
                            storage.segment()
                                    .getAtIndex(ValueLayout.JAVA_FLOAT, storage.base() + place);
        } finally {
            storage.release();
        }
    }

    private float read(String operation, long place) {
        storage.acquire(operation);
        try {
            return type == ElementType.FLOAT32
                    ? storage.segment().getAtIndex(ValueLayout.JAVA_FLOAT, storage.base() + place)
                    : storage.segment().getAtIndex(ValueLayout.JAVA_INT, storage.base() + place);
        } finally {
            storage.release();
        }
    }

    /** Sets one element; an int32 tensor takes the value rounded toward zero. */
    public void set(float value, long... index) {
        long place = Views.place("set", layout, index);
        storage.acquire("set");
        try {
            if (type == ElementType.FLOAT32) {
                storage.segment().setAtIndex(ValueLayout.JAVA_FLOAT, storage.base() + place, value);
            } else {
                storage.segment()
                        .setAtIndex(ValueLayout.JAVA_INT, storage.base() + place, (int) value);
            }
        } finally {
            storage.release();
        }
    }

    /** The elements in row-major order; int32 tensors are converted. */
    public float[] toArray() {
        return Transfers.toFloats(this);
    }

    /**
     * The elements of an int32 tensor in row-major order.
     *
     * @throws ArgumentException if it is not int32
     */
    public int[] toIntArray() {
        return Transfers.toInts(this);
    }

    /** Writes the elements of a float32 tensor to the buffer, in row-major order. */
    public void copyTo(FloatBuffer target) {
        Transfers.copyTo(this, target);
    }

    /** Writes the elements of an int32 tensor to the buffer, in row-major order. */
    public void copyTo(IntBuffer target) {
        Transfers.copyTo(this, target);
    }

    /** Copies the elements, as they are in memory, to a segment of any kind, in row-major order. */
    public void copyTo(MemorySegment target) {
        Transfers.copyTo(this, target);
    }

    /** Takes all elements of a float32 tensor from an array, in row-major order; returns this. */
    public Tensor copyFrom(float... values) {
        return Transfers.copyFrom(this, values);
    }

    /** Takes all elements of an int32 tensor from an array, in row-major order; returns this. */
    public Tensor copyFrom(int[] values) {
        return Transfers.copyFrom(this, values);
    }

    /** Takes all elements of a float32 tensor from a buffer, which it drains; returns this. */
    public Tensor copyFrom(FloatBuffer values) {
        return Transfers.copyFrom(this, values);
    }

    /** Takes all elements of an int32 tensor from a buffer, which it drains; returns this. */
    public Tensor copyFrom(IntBuffer values) {
        return Transfers.copyFrom(this, values);
    }

    /** Takes all elements from a segment of any kind that holds them in row-major order. */
    public Tensor copyFrom(MemorySegment values) {
        return Transfers.copyFrom(this, values);
    }

    /** Takes the elements of another tensor, which broadcasts to this shape; returns this. */
    public Tensor copyFrom(Tensor source) {
        return Copies.copy(source, this);
    }

    /** Sets all elements; an int32 tensor takes the value rounded toward zero; returns this. */
    public Tensor fill(float value) {
        return Copies.fill(this, value);
    }

    // ---- views ----

    /**
     * The same elements in row-major order under another shape: a view where the layout allows it,
     * else a copy in the current scope.
     *
     * @throws ShapeException if the number of elements differs
     */
    public Tensor reshape(Shape shape) {
        return Views.reshape(this, shape);
    }

    /** {@link #reshape(Shape)} to these sizes, of which one may be −1: what is left over. */
    public Tensor reshape(long... sizes) {
        return Views.reshape(this, Views.inferred("reshape", shape(), sizes));
    }

    /** {@link #reshape(Shape)} that never copies: throws where the layout does not allow a view. */
    public Tensor view(Shape shape) {
        return Views.view(this, shape);
    }

    /** All elements along one axis: {@code reshape(-1)}. */
    public Tensor flatten() {
        return reshape(Shape.of(elements()));
    }

    /** The axes from {@code firstAxis} on as one: [N, C, H, W].flatten(1) is [N, C·H·W]. */
    public Tensor flatten(int firstAxis) {
        return Views.flatten(this, firstAxis);
    }

    /** The view with the last two axes swapped: a matrix' transpose. */
    public Tensor transpose() {
        return transpose(-2, -1);
    }

    /** The view with two axes swapped. */
    public Tensor transpose(int axis, int otherAxis) {
        return Views.transpose(this, axis, otherAxis);
    }

    /** The view whose axis i is this tensor's axis {@code axes[i]}. */
    public Tensor permute(int... axes) {
        return Views.permute(this, axes);
    }

    /**
     * The view of the indices {@code from} to {@code to} (exclusive) along an axis; negative ones
     * count from the end.
     *
     * @throws ShapeException if the range is not within the axis
     */
    public Tensor slice(int axis, long from, long to) {
        return Views.slice(this, axis, from, to, 1);
    }

    /** {@link #slice(int, long, long)} of every {@code step}th index; steps are positive. */
    public Tensor slice(int axis, long from, long to, long step) {
        return Views.slice(this, axis, from, to, step);
    }

    /** The view of one index along an axis, which disappears; negative ones count from the end. */
    public Tensor select(int axis, long index) {
        return Views.select(this, axis, index);
    }

    /**
     * The view in which axes of size 1, and new ones in front, repeat up to the shape. Operations
     * broadcast by themselves; such a view can't be an output.
     */
    public Tensor expand(Shape shape) {
        return Views.expand(this, shape);
    }

    /** {@link #expand(Shape)} under NumPy's name. */
    public Tensor broadcastTo(Shape shape) {
        return Views.expand(this, shape);
    }

    /** The view without the axes of size 1. */
    public Tensor squeeze() {
        return Views.squeeze(this);
    }

    /** The view without this axis, which must have size 1. */
    public Tensor squeeze(int axis) {
        return Views.squeeze(this, axis);
    }

    /** The view with a new axis of size 1 at this place; −1 appends it. */
    public Tensor unsqueeze(int axis) {
        return Views.unsqueeze(this, axis);
    }

    /** This tensor if it is contiguous, else a contiguous copy in the current scope. */
    public Tensor contiguous() {
        return isContiguous() ? this : copy();
    }

    /** A contiguous copy in the current scope. */
    public Tensor copy() {
        return Copies.copy(this);
    }

    /** This tensor if it is float32, else its elements converted. */
    public Tensor toFloat() {
        return Copies.cast(this, ElementType.FLOAT32);
    }

    /** This tensor if it is int32, else its elements rounded toward zero, saturating, NaN to 0. */
    public Tensor toInt() {
        return Copies.cast(this, ElementType.INT32);
    }

    /** The values, laid out as NumPy does, abbreviated where there are many. */
    @Override
    public String toString() {
        return TensorText.of(this);
    }
}
