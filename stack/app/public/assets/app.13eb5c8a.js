document.querySelector('form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = event.target;
    const answer = await fetch('/api/auth/login', {
        method: 'POST',
        headers: {'Content-Type': 'application/json', 'Accept': 'application/json'},
        body: JSON.stringify({email: form.email.value, password: form.password.value, device_name: 'browser'}),
    });
    const body = await answer.json();
    document.querySelector('output').textContent = answer.ok ? `Signed in as ${body.user.name}.` : body.message;
});
