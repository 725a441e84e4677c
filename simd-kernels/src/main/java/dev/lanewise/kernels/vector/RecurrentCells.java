package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * What one row of a recurrent layer does between its products: plain arithmetic of the gates. The
 * transcendental functions are passes of their own, for C2 inlines no loop of two polynomials, and
 * a gradient is two loops for the same reason; a row is in the first-level cache throughout.
 *
 * <p>Offsets in elements. Each loop over whole vectors is followed by the same in scalars.
 */
final class RecurrentCells {
    private RecurrentCells() {}

    /** c = f ∘ cBefore + i ∘ g, where i, f, g begin at gate, one after another. */
    static void cell(
            MemorySegment gates,
            long gate,
            MemorySegment cBefore,
            long before,
            long hidden,
            MemorySegment cells,
            long cell) {
        gates = NATIVE.cast(gates);
        cBefore = NATIVE.cast(cBefore);
        cells = NATIVE.cast(cells);
        long f = gate + hidden;
        long g = f + hidden;
        int bound = (int) Lanes.bound(hidden);
        for (int u = 0; u < bound; u += COUNT) {
            FloatVector product =
                    fromMemorySegment(FLOAT, gates, gate + u << 2, ORDER)
                            .mul(fromMemorySegment(FLOAT, gates, g + u << 2, ORDER));
            fromMemorySegment(FLOAT, gates, f + u << 2, ORDER)
                    .fma(fromMemorySegment(FLOAT, cBefore, before + u << 2, ORDER), product)
                    .intoMemorySegment(cells, cell + u << 2, ORDER);
        }
        for (int u = bound; u < hidden; u++) {
            float product = get(gates, gate + u) * get(gates, g + u);
            set(cells, cell + u, Math.fma(get(gates, f + u), get(cBefore, before + u), product));
        }
    }

    /**
     * With dh = dOut + dH, tanh = tanh c: dO = dh ∘ tanh ∘ o(1−o), over o where they are one, and
     * dC = dC + dh ∘ o ∘ (1 − tanh²).
     */
    static void outputGradient(
            MemorySegment gates,
            long o,
            MemorySegment tanh,
            long tanhAt,
            MemorySegment dOut,
            long dOutAt,
            MemorySegment dH,
            long dHAt,
            long hidden,
            MemorySegment dC,
            long dCAt,
            MemorySegment dGates,
            long dO) {
        gates = NATIVE.cast(gates);
        tanh = NATIVE.cast(tanh);
        dOut = NATIVE.cast(dOut);
        dH = NATIVE.cast(dH);
        dC = NATIVE.cast(dC);
        dGates = NATIVE.cast(dGates);
        int bound = (int) Lanes.bound(hidden);
        for (int u = 0; u < bound; u += COUNT) {
            FloatVector dh =
                    fromMemorySegment(FLOAT, dOut, dOutAt + u << 2, ORDER)
                            .add(fromMemorySegment(FLOAT, dH, dHAt + u << 2, ORDER));
            FloatVector y = fromMemorySegment(FLOAT, gates, o + u << 2, ORDER);
            FloatVector t = fromMemorySegment(FLOAT, tanh, tanhAt + u << 2, ORDER);
            FloatVector slope = t.neg().fma(t, broadcast(FLOAT, 1f));
            dh.mul(y)
                    .fma(slope, fromMemorySegment(FLOAT, dC, dCAt + u << 2, ORDER))
                    .intoMemorySegment(dC, dCAt + u << 2, ORDER);
            FloatVector gate = y.mul(broadcast(FLOAT, 1f).sub(y));
            dh.mul(t).mul(gate).intoMemorySegment(dGates, dO + u << 2, ORDER);
        }
        for (int u = bound; u < hidden; u++) {
            float dh = get(dOut, dOutAt + u) + get(dH, dHAt + u);
            float y = get(gates, o + u);
            float t = get(tanh, tanhAt + u);
            set(dC, dCAt + u, Math.fma(dh * y, Math.fma(-t, t, 1f), get(dC, dCAt + u)));
            set(dGates, dO + u, dh * t * (y * (1 - y)));
        }
    }

    /** The gradients of the gates i, f, g from dC, which becomes dC ∘ f. */
    static void cellGradient(
            MemorySegment gates,
            long gate,
            MemorySegment cBefore,
            long before,
            long hidden,
            MemorySegment dC,
            long dCAt,
            MemorySegment dGates,
            long dGate) {
        gates = NATIVE.cast(gates);
        cBefore = NATIVE.cast(cBefore);
        dC = NATIVE.cast(dC);
        dGates = NATIVE.cast(dGates);
        int bound = (int) Lanes.bound(hidden);
        for (int u = 0; u < bound; u += COUNT) {
            FloatVector dc = fromMemorySegment(FLOAT, dC, dCAt + u << 2, ORDER);
            FloatVector i = fromMemorySegment(FLOAT, gates, gate + u << 2, ORDER);
            FloatVector g = fromMemorySegment(FLOAT, gates, gate + 2 * hidden + u << 2, ORDER);
            FloatVector di = dc.mul(g).mul(i.mul(broadcast(FLOAT, 1f).sub(i)));
            dc.mul(i)
                    .mul(g.neg().fma(g, broadcast(FLOAT, 1f)))
                    .intoMemorySegment(dGates, dGate + 2 * hidden + u << 2, ORDER);
            di.intoMemorySegment(dGates, dGate + u << 2, ORDER);
        }
        for (int u = bound; u < hidden; u++) {
            float dc = get(dC, dCAt + u);
            float i = get(gates, gate + u);
            float g = get(gates, gate + 2 * hidden + u);
            set(dGates, dGate + 2 * hidden + u, dc * i * Math.fma(-g, g, 1f));
            set(dGates, dGate + u, dc * g * (i * (1 - i)));
        }
        forgetGradient(
                gates, gate + hidden, cBefore, before, hidden, dC, dCAt, dGates, dGate + hidden);
    }

    private static void forgetGradient(
            MemorySegment gates,
            long forget,
            MemorySegment cBefore,
            long before,
            long hidden,
            MemorySegment dC,
            long dCAt,
            MemorySegment dGates,
            long dForget) {
        gates = NATIVE.cast(gates);
        cBefore = NATIVE.cast(cBefore);
        dC = NATIVE.cast(dC);
        dGates = NATIVE.cast(dGates);
        int bound = (int) Lanes.bound(hidden);
        for (int u = 0; u < bound; u += COUNT) {
            FloatVector dc = fromMemorySegment(FLOAT, dC, dCAt + u << 2, ORDER);
            FloatVector f = fromMemorySegment(FLOAT, gates, forget + u << 2, ORDER);
            FloatVector slope = f.mul(broadcast(FLOAT, 1f).sub(f));
            dc.mul(f).intoMemorySegment(dC, dCAt + u << 2, ORDER);
            dc.mul(fromMemorySegment(FLOAT, cBefore, before + u << 2, ORDER))
                    .mul(slope)
                    .intoMemorySegment(dGates, dForget + u << 2, ORDER);
        }
        for (int u = bound; u < hidden; u++) {
            float dc = get(dC, dCAt + u);
            float f = get(gates, forget + u);
            set(dC, dCAt + u, dc * f);
            set(dGates, dForget + u, dc * get(cBefore, before + u) * (f * (1 - f)));
        }
    }

    /** x = x + r ∘ b. */
    static void addGated(
            MemorySegment r,
            long rAt,
            MemorySegment b,
            long bAt,
            long n,
            MemorySegment x,
            long xAt) {
        r = NATIVE.cast(r);
        b = NATIVE.cast(b);
        x = NATIVE.cast(x);
        int bound = (int) Lanes.bound(n);
        for (int u = 0; u < bound; u += COUNT) {
            fromMemorySegment(FLOAT, r, rAt + u << 2, ORDER)
                    .fma(
                            fromMemorySegment(FLOAT, b, bAt + u << 2, ORDER),
                            fromMemorySegment(FLOAT, x, xAt + u << 2, ORDER))
                    .intoMemorySegment(x, xAt + u << 2, ORDER);
        }
        for (int u = bound; u < n; u++) {
            set(x, xAt + u, Math.fma(get(r, rAt + u), get(b, bAt + u), get(x, xAt + u)));
        }
    }

    /** h = n + z ∘ (hBefore − n), where z and n begin at gate, one after another. */
    static void mix(
            MemorySegment gates,
            long gate,
            MemorySegment hBefore,
            long before,
            long hidden,
            MemorySegment h,
            long hAt) {
        gates = NATIVE.cast(gates);
        hBefore = NATIVE.cast(hBefore);
        h = NATIVE.cast(h);
        int bound = (int) Lanes.bound(hidden);
        for (int u = 0; u < bound; u += COUNT) {
            FloatVector n = fromMemorySegment(FLOAT, gates, gate + hidden + u << 2, ORDER);
            FloatVector difference =
                    fromMemorySegment(FLOAT, hBefore, before + u << 2, ORDER).sub(n);
            fromMemorySegment(FLOAT, gates, gate + u << 2, ORDER)
                    .fma(difference, n)
                    .intoMemorySegment(h, hAt + u << 2, ORDER);
        }
        for (int u = bound; u < hidden; u++) {
            float n = get(gates, gate + hidden + u);
            set(h, hAt + u, Math.fma(get(gates, gate + u), get(hBefore, before + u) - n, n));
        }
    }

    /**
     * With dh = dOut + dH: dZ = dh ∘ (hBefore − n) ∘ z(1−z) into dProducts, dN = dh ∘ (1−z) ∘
     * (1−n²) into scratch, dH = dh ∘ z. z and n begin at gate, one after another.
     */
    static void mixGradient(
            MemorySegment gates,
            long gate,
            MemorySegment hBefore,
            long before,
            MemorySegment dOut,
            long dOutAt,
            long hidden,
            MemorySegment dH,
            long dHAt,
            MemorySegment dProducts,
            long dZ,
            MemorySegment scratch,
            long dN) {
        gates = NATIVE.cast(gates);
        hBefore = NATIVE.cast(hBefore);
        dOut = NATIVE.cast(dOut);
        dH = NATIVE.cast(dH);
        dProducts = NATIVE.cast(dProducts);
        scratch = NATIVE.cast(scratch);
        int bound = (int) Lanes.bound(hidden);
        for (int u = 0; u < bound; u += COUNT) {
            FloatVector dh =
                    fromMemorySegment(FLOAT, dOut, dOutAt + u << 2, ORDER)
                            .add(fromMemorySegment(FLOAT, dH, dHAt + u << 2, ORDER));
            FloatVector z = fromMemorySegment(FLOAT, gates, gate + u << 2, ORDER);
            FloatVector n = fromMemorySegment(FLOAT, gates, gate + hidden + u << 2, ORDER);
            FloatVector difference =
                    fromMemorySegment(FLOAT, hBefore, before + u << 2, ORDER).sub(n);
            FloatVector dhz = dh.mul(z);
            FloatVector rest = dh.sub(dhz);
            dhz.intoMemorySegment(dH, dHAt + u << 2, ORDER);
            rest.mul(z).mul(difference).intoMemorySegment(dProducts, dZ + u << 2, ORDER);
            rest.mul(n.neg().fma(n, broadcast(FLOAT, 1f)))
                    .intoMemorySegment(scratch, dN + u << 2, ORDER);
        }
        for (int u = bound; u < hidden; u++) {
            float dh = get(dOut, dOutAt + u) + get(dH, dHAt + u);
            float z = get(gates, gate + u);
            float n = get(gates, gate + hidden + u);
            float difference = get(hBefore, before + u) - n;
            float dhz = dh * z;
            float rest = dh - dhz;
            set(dH, dHAt + u, dhz);
            set(dProducts, dZ + u, rest * z * difference);
            set(scratch, dN + u, rest * Math.fma(-n, n, 1f));
        }
    }

    /** dR = dN ∘ candidate ∘ r(1−r) into dProducts, and dN ∘ r two parts behind it. */
    static void resetGradient(
            MemorySegment gates,
            long r,
            MemorySegment candidates,
            long candidate,
            MemorySegment scratch,
            long dN,
            long hidden,
            MemorySegment dProducts,
            long dR) {
        gates = NATIVE.cast(gates);
        candidates = NATIVE.cast(candidates);
        scratch = NATIVE.cast(scratch);
        dProducts = NATIVE.cast(dProducts);
        int bound = (int) Lanes.bound(hidden);
        for (int u = 0; u < bound; u += COUNT) {
            FloatVector y = fromMemorySegment(FLOAT, gates, r + u << 2, ORDER);
            FloatVector dn = fromMemorySegment(FLOAT, scratch, dN + u << 2, ORDER);
            FloatVector dnr = dn.mul(y);
            dnr.intoMemorySegment(dProducts, dR + 2 * hidden + u << 2, ORDER);
            FloatVector slope = dnr.mul(broadcast(FLOAT, 1f).sub(y));
            slope.mul(fromMemorySegment(FLOAT, candidates, candidate + u << 2, ORDER))
                    .intoMemorySegment(dProducts, dR + u << 2, ORDER);
        }
        for (int u = bound; u < hidden; u++) {
            float y = get(gates, r + u);
            float dnr = get(scratch, dN + u) * y;
            set(dProducts, dR + 2 * hidden + u, dnr);
            set(dProducts, dR + u, dnr * (1 - y) * get(candidates, candidate + u));
        }
    }

    private static float get(MemorySegment x, long index) {
        return x.get(JAVA_FLOAT_UNALIGNED, index << 2);
    }

    private static void set(MemorySegment x, long index, float value) {
        x.set(JAVA_FLOAT_UNALIGNED, index << 2, value);
    }
}
