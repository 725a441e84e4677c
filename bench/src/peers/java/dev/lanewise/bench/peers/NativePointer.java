package dev.lanewise.bench.peers;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

import java.lang.foreign.MemorySegment;

/** A native segment as the pointer type of the bytedeco bindings; no copy. */
final class NativePointer extends FloatPointer {
    private NativePointer(long address, long floats) {
        super((Pointer) null);
        this.address = address;
        this.limit = floats;
        this.capacity = floats;
    }

    static FloatPointer of(MemorySegment segment) {
        return new NativePointer(segment.address(), segment.byteSize() / 4);
    }
}
