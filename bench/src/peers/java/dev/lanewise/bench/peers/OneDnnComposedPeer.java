package dev.lanewise.bench.peers;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import dev.lanewise.bench.work.AttentionWork;
import dev.lanewise.bench.work.Peer;
import dev.lanewise.bench.work.Work;

import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.softmax_forward;
import org.bytedeco.dnnl.stream;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention composed of oneDNN's primitives, which have no fused one on this interface: a product
 * with the scale in its store, softmax, another product, through a matrix of all scores. Only
 * without a mask.
 */
public final class OneDnnComposedPeer implements Peer {
    private final List<Object> alive = new ArrayList<>();

    @Override
    public String name() {
        return "onednn-composed";
    }

    @Override
    public boolean supports(Work work) {
        return work instanceof AttentionWork attention
                && attention.kind() == AttentionWork.Kind.FULL;
    }

    @Override
    public Runnable prepare(Work work, Work.Data data, Arena arena) {
        AttentionWork sizes = (AttentionWork) work;
        engine cpu = keep(new engine(engine.kind.cpu, 0));
        stream queue = keep(new stream(cpu));
        long heads = sizes.heads();
        long rows = sizes.queries();
        long keys = sizes.keys();
        long features = sizes.features();
        memory.desc q = desc(memory.format_tag.abc, heads, rows, features);
        memory.desc kTransposed = desc(memory.format_tag.acb, heads, features, keys);
        memory.desc v = desc(memory.format_tag.abc, heads, keys, features);
        memory.desc s = desc(memory.format_tag.abc, heads, rows, keys);
        MemorySegment scoreRoom = arena.allocate(4 * heads * rows * keys + 64, 64);
        MemorySegment values = data.b().asSlice(4 * heads * keys * features);
        memory scores = wrap(s, cpu, scoreRoom);

        post_ops scaling = keep(new post_ops());
        scaling.append_eltwise(algorithm.eltwise_linear, sizes.scale(), 0f);
        primitive_attr attributes = keep(new primitive_attr());
        attributes.set_post_ops(scaling);
        primitive first =
                keep(
                        new matmul(
                                keep(
                                        new matmul.primitive_desc(
                                                cpu, q, kTransposed, s, attributes, false))));
        primitive softmax =
                keep(
                        new softmax_forward(
                                keep(
                                        new softmax_forward.primitive_desc(
                                                cpu,
                                                prop_kind.forward_inference,
                                                algorithm.softmax_accurate,
                                                s,
                                                s,
                                                2))));
        primitive second = keep(new matmul(keep(new matmul.primitive_desc(cpu, s, v, q))));
        IntMemoryMap toScores =
                arguments(wrap(q, cpu, data.a()), wrap(kTransposed, cpu, data.b()), scores);
        IntMemoryMap inPlace = keep(new IntMemoryMap());
        inPlace.put(DNNL_ARG_SRC, scores);
        inPlace.put(DNNL_ARG_DST, scores);
        IntMemoryMap toOut = arguments(scores, wrap(v, cpu, values), wrap(q, cpu, data.out()));
        return () -> {
            first.execute(queue, toScores);
            softmax.execute(queue, inPlace);
            second.execute(queue, toOut);
            queue._wait();
        };
    }

    private IntMemoryMap arguments(memory a, memory b, memory c) {
        IntMemoryMap map = keep(new IntMemoryMap());
        map.put(DNNL_ARG_SRC, a);
        map.put(DNNL_ARG_WEIGHTS, b);
        map.put(DNNL_ARG_DST, c);
        return map;
    }

    private memory.desc desc(memory.format_tag tag, long... sizes) {
        return keep(new memory.desc(sizes, memory.data_type.f32, tag));
    }

    private memory wrap(memory.desc layout, engine cpu, MemorySegment data) {
        return keep(new memory(layout, cpu, keep(NativePointer.of(data))));
    }

    private <T> T keep(T object) {
        alive.add(object);
        return object;
    }
}
