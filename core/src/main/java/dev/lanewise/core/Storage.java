package dev.lanewise.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The memory that a tensor and its views share, owned by one scope.
 *
 * <p>{@code state} counts the operations that are using the memory on threads other than the
 * owner's; closing swaps 0 for {@link #CLOSED}, so a close and a use can't both succeed. The uses
 * of the thread that owns the scope are counted apart, without atomics: only that thread touches
 * the count, and only it can close the scope. Which count a use is in follows from the scope, so
 * the storage can't change scopes in a way that would have it released from the other one.
 */
final class Storage extends Block {
    private static final int CLOSED = Integer.MIN_VALUE;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Storage.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The owner; changes when the storage is kept elsewhere. */
    Scope scope;

    /** The neighbours in the owner's list. */
    Storage previous;

    Storage next;
    private int state;
    private int ownerUses;

    /** Where it was allocated, if leaks are tracked. */
    Leaks.Origin origin;

    /** Announces a use, so that the memory stays until {@link #release}. */
    void acquire(String operation) {
        if (scope.isOwnedByCurrentThread()) {
            if (state == CLOSED) {
                throw closed(operation);
            }
            ownerUses++;
            return;
        }
        int seen = (int) STATE.getVolatile(this);
        while (true) {
            if (seen == CLOSED) {
                throw closed(operation);
            }
            int witness = (int) STATE.compareAndExchange(this, seen, seen + 1);
            if (witness == seen) {
                return;
            }
            seen = witness;
        }
    }

    /** Ends a use. */
    void release() {
        if (scope.isOwnedByCurrentThread()) {
            ownerUses--;
        } else {
            STATE.getAndAdd(this, -1);
        }
    }

    boolean isClosed() {
        return (int) STATE.getVolatile(this) == CLOSED;
    }

    /** Closes for all later uses, unless an operation is running. */
    boolean tryClose() {
        return ownerUses == 0 && STATE.compareAndSet(this, 0, CLOSED);
    }

    /** Whether a use by the thread that owns the scope has not ended. */
    boolean isUsedByOwner() {
        return ownerUses > 0;
    }

    /** Whether a use by a thread that doesn't own the scope has not ended. */
    boolean isUsedByOthers() {
        return (int) STATE.getVolatile(this) > 0;
    }

    /** Takes {@link #tryClose} back, before the block was given away. */
    void reopen() {
        STATE.setVolatile(this, 0);
    }

    static ScopeException closed(String operation) {
        return new ScopeException(
                operation
                        + ": a tensor is used after its scope was closed; keep(tensor) in an outer"
                        + " scope lets it live longer");
    }
}
